import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openTestPlatform, type TestPlatform } from '../../../../test/support/platform.ts'
import { sha256 } from '../../../kernel/hash.ts'
import type { Json } from '../../../kernel/json.ts'
import { makePdf } from '../../../platform/documents/testing.ts'
import { createTestFolder, faultOf, type TestFolder } from '../../../platform/files/testing.ts'
import { runKind, runOneStep } from '../code/testing.ts'

import { createFileKinds } from './kinds-fs.ts'

const kinds = new Map(createFileKinds().map((kind) => [kind.name, kind]))
let home: TestFolder
beforeAll(async () => void (home = await createTestFolder()))
afterAll(() => home.remove())

const run = async (name: string, parameters: Json): Promise<Json> => {
  const kind = kinds.get(name)
  if (kind === undefined) throw new Error(`there is no kind ${name}`)
  return (await runKind(kind, parameters, { folder: async () => home.path })).output
}

describe('files.write', () => {
  test.each([
    ['text.txt', { content: 'ü' }, 'ü'],
    ['value.json', { content: { a: [1] } }, '{\n  "a": [\n    1\n  ]\n}\n'],
    ['bytes.bin', { content: 'AAH/', base64: true }, '\0\u0001\uFFFD'],
  ])('writes %s', async (path, parameters, text) => {
    const written = await run('files.write', { path, ...parameters })
    const bytes = await readFile(join(home.path, path))
    expect(bytes.toString()).toBe(text)
    expect(written).toEqual({ path, bytes: bytes.length, sha256: sha256(bytes) })
  })

  test('refuses what is no base64', async () => {
    for (const content of ['ü', 'a b', { a: 1 }]) {
      const fault = await faultOf(run('files.write', { path: 'x', content, base64: true }))
      expect(fault).toMatchObject({ code: 'workflow.invalid-parameters' })
    }
  })
})

describe('files.read', () => {
  beforeAll(async () => {
    await home.add({
      'a.md': '# Title\n\nText',
      'a.html': '<title>T</title><h1>Head</h1><p>x',
      'a.json': '\uFEFF{"a":1}',
      'bad.json': '{"a":',
      'empty.md': '',
      'code.py': 'print(1)',
      noname: 'just text',
    })
    await writeFile(join(home.path, 'a.pdf'), makePdf([['Page one'], ['Page two']]))
    await writeFile(join(home.path, 'data.bin'), Uint8Array.of(0, 1, 2))
  })

  test.each([
    [
      'a.md',
      {
        format: 'markdown',
        title: 'Title',
        text: '# Title\n\nText',
        sections: [{ title: 'Title', level: 1, start: 0, end: 13 }],
      },
    ],
    ['a.html', { format: 'html', title: 'T', text: '# Head\n\nx' }],
    ['a.json', { format: 'json', value: { a: 1 } }],
    [
      'a.pdf',
      {
        format: 'pdf',
        text: 'Page one\n\nPage two',
        pages: [
          { page: 1, start: 0, end: 8 },
          { page: 2, start: 10, end: 18 },
        ],
      },
    ],
    ['code.py', { format: 'text', text: 'print(1)' }],
    ['noname', { format: 'text', text: 'just text' }],
    ['data.bin', { format: 'base64', base64: 'AAEC' }],
  ])('reads %s by what it is', async (path, content) => {
    expect(await run('files.read', { path })).toMatchObject({ path, ...content })
  })

  test.each([
    ['a.html', 'text', { text: '<title>T</title><h1>Head</h1><p>x' }],
    ['a.md', 'base64', { base64: 'IyBUaXRsZQoKVGV4dA==' }],
    ['noname', 'document', { format: 'text', text: 'just text' }],
    ['empty.md', 'text', { text: '' }],
  ])('reads %s as %s when that is asked for', async (path, as, content) => {
    expect(await run('files.read', { path, as })).toMatchObject(content)
  })

  test.each([
    ['bad.json', 'auto', 'files.not-json'],
    ['data.bin', 'text', 'documents.binary'],
    ['data.bin', 'document', 'documents.binary'],
    ['empty.md', 'auto', 'documents.empty'],
    ['none.md', 'auto', 'files.not-found'],
    ['../a.md', 'auto', 'files.outside'],
    ['.', 'auto', 'files.not-a-file'],
  ])('of %s as %s fails as %s', async (path, as, code) => {
    expect(await faultOf(run('files.read', { path, as }))).toMatchObject({ code })
  })
})

test('files.list gives the files of the folder and how many there are', async () => {
  await home.add({ 'list/b.md': 'B', 'list/in/a.TXT': 'A', 'list/in/c': 'C' })
  expect(await run('files.list', { path: 'list', limit: 2 })).toEqual({
    files: [
      { path: 'list/b.md', name: 'b.md', bytes: 1, extension: 'md' },
      { path: 'list/in/a.TXT', name: 'a.TXT', bytes: 1, extension: 'txt' },
    ],
    total: 3,
  })
})

describe('a workflow with files', () => {
  let platform: TestPlatform
  beforeAll(async () => {
    platform = await openTestPlatform({ role: { worker: 'all', kinds: createFileKinds() } })
  })
  afterAll(() => platform.drop())

  test('writes into the folder of its run', async () => {
    const { record, output } = await runOneStep(platform.workflows, {
      uses: 'files.write',
      with: { path: 'out/result.md', content: '# Done' },
    })
    expect(output).toMatchObject({ path: 'out/result.md', bytes: 6 })
    const path = join(platform.folderOf(record.id), 'out/result.md')
    expect(await readFile(path, 'utf8')).toBe('# Done')
  })

  test('cannot read the files of another run', async () => {
    const { record } = await runOneStep(platform.workflows, {
      uses: 'files.write',
      with: { path: 'a.md', content: 'mine' },
    })
    const other = await runOneStep(platform.workflows, {
      uses: 'files.read',
      with: { path: `../${record.id}/a.md` },
    })
    expect(other.record).toMatchObject({ status: 'failed', error: { code: 'files.outside' } })
  })

  test('begins with an empty folder', async () => {
    const { output } = await runOneStep(platform.workflows, { uses: 'files.list', with: {} })
    expect(output).toEqual({ files: [], total: 0 })
  })
})
