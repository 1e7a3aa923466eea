import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createTestFolder, faultOf, type TestFolder } from '../platform/files/testing.ts'
import type { FileInput, InputFiles } from '../workflow/index.ts'

import { createInputFiles } from './input-files.ts'

let home: TestFolder
let files: InputFiles
beforeAll(async () => {
  home = await createTestFolder()
  await home.add({
    'mine/a.md': 'A',
    'mine/deep/b.MD': 'BB',
    'mine/c.bin': 'CCC',
    'mine/.hidden.md': 'no',
    'theirs/secret.md': 'secret',
    'empty/readme.bin': 'no documents',
  })
  await symlink(join(home.path, 'theirs'), join(home.path, 'mine/link'))
  files = createInputFiles({
    roots: [join(home.path, 'mine'), join(home.path, 'empty'), join(home.path, 'gone')],
    folderOf: (run) => join(home.path, 'runs', run),
  })
})
afterAll(() => home.remove())

const input = (path: string, more: Partial<FileInput> = {}): FileInput => ({
  name: 'docs',
  kind: 'directory',
  path: join(home.path, path),
  accept: ['.md'],
  ...more,
})
const broughtTo = async (run: string): Promise<string[]> =>
  (await readdir(join(home.path, 'runs', run), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(home.path.length + 1))
    .toSorted()

describe('an input that names files', () => {
  test('is measured without being copied', async () => {
    expect(await files.measure(input('mine'))).toEqual({ files: 2, bytes: 3 })
    expect(await files.measure(input('mine/a.md', { kind: 'file' }))).toEqual({
      files: 1,
      bytes: 1,
    })
    expect(await faultOf(readdir(join(home.path, 'runs')))).toMatchObject({ code: 'ENOENT' })
  })

  test('brings a folder, its accepted files alone, under its name', async () => {
    expect(await files.bring('run_1', input('mine'))).toEqual({ files: 2, bytes: 3, path: 'docs' })
    expect(await broughtTo('run_1')).toEqual(['runs/run_1/docs/a.md', 'runs/run_1/docs/deep/b.MD'])
  })

  test('brings a single file under its name and its own', async () => {
    const one = input('mine/a.md', { kind: 'file', name: 'one' })
    expect(await files.bring('run_2', one)).toEqual({ files: 1, bytes: 1, path: 'one/a.md' })
    expect(await readFile(join(home.path, 'runs/run_2/one/a.md'), 'utf8')).toBe('A')
  })

  test('takes every kind of file when none is named', async () => {
    expect(await files.measure(input('mine', { accept: [] }))).toEqual({ files: 3, bytes: 6 })
  })

  test.each<[string, string, Partial<FileInput>, string]>([
    ['nothing', 'mine/none', {}, 'workflow.input-not-found'],
    ['a folder outside', 'theirs', {}, 'workflow.input-outside'],
    ['a file outside', 'theirs/secret.md', { kind: 'file' }, 'workflow.input-outside'],
    ['a way out', 'mine/../theirs', {}, 'workflow.input-outside'],
    ['a link that leads out', 'mine/link', {}, 'workflow.input-outside'],
    [
      'a file behind such a link',
      'mine/link/secret.md',
      { kind: 'file' },
      'workflow.input-outside',
    ],
    ['a folder without documents', 'empty', {}, 'workflow.no-input-files'],
    ['a file of another kind', 'mine/c.bin', { kind: 'file' }, 'workflow.no-input-files'],
    ['a folder as a file', 'mine/deep', { kind: 'file' }, 'files.not-a-file'],
    ['a file as a folder', 'mine/a.md', {}, 'files.not-a-file'],
  ])('and is %s is refused, measured or brought', async (_what, path, more, code) => {
    const refused = { code, hint: expect.any(String) }
    expect(await faultOf(files.measure(input(path, more)))).toMatchObject(refused)
    expect(await faultOf(files.bring('run_no', input(path, more)))).toMatchObject(refused)
    await mkdir(join(home.path, 'runs/run_no'), { recursive: true })
    expect(await broughtTo('run_no')).toEqual([])
  })

  test.each(['../../stolen', '..', '/stolen', 'a/../../stolen', 'a\\b', '.'])(
    'cannot leave the folder of its run by its own name, %s',
    async (name) => {
      expect(await faultOf(files.bring('run_out', input('mine', { name })))).toMatchObject({
        code: 'files.outside',
      })
      const one = input('mine/a.md', { kind: 'file', name })
      expect(await faultOf(files.bring('run_out', one))).toMatchObject({ code: 'files.outside' })
    },
  )
})

test('where no folder may be named, nothing may', async () => {
  const none = createInputFiles({ roots: [], folderOf: () => home.path })
  expect(await faultOf(none.measure(input('mine')))).toMatchObject({
    code: 'workflow.input-outside',
    hint: expect.stringContaining('inputRoots'),
  })
})
