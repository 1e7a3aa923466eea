import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createFolderRunFiles } from './run-files-fs.ts'
import type { RunFiles } from './run-files.ts'

let root: string
let files: RunFiles
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prsm-files-'))
  files = createFolderRunFiles((run) => join(root, run))
  await mkdir(join(root, 'run_1', 'deep', 'er'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const put = (path: string, text: string): Promise<void> => writeFile(join(root, path), text)
const textOf = async (path: string): Promise<string | undefined> => {
  const file = await files.open('run_1', path)
  return file && new Response(file.body).text()
}

describe('the files of a run', () => {
  test('are listed in pages, in one order, without links', async () => {
    for (const path of ['b', 'a', 'deep/z', 'deep/er/x', 'deep.txt'])
      await put(`run_1/${path}`, path)
    await symlink(join(root, 'run_1', 'a'), join(root, 'run_1', 'link'))
    await symlink(root, join(root, 'run_1', 'up'))
    const all: string[] = []
    for (;;) {
      const after = all.at(-1)
      const page = await files.list('run_1', { limit: 2, ...(after !== undefined && { after }) })
      if (page.length === 0) break
      all.push(...page.map(({ path }) => path))
    }
    expect(all).toEqual(['a', 'b', 'deep/er/x', 'deep/z', 'deep.txt'])
    expect(await files.list('run_2', { limit: 2 })).toEqual([])
  })

  test('are read whole, also when they are large or empty', async () => {
    await put('run_1/large', 'x'.repeat(200_000))
    await put('run_1/deep/empty', '')
    expect(await textOf('large')).toBe('x'.repeat(200_000))
    expect(await textOf('deep/empty')).toBe('')
  })

  test('nothing outside, no link, no folder and no pipe is opened', async () => {
    await put('secret', 'secret')
    await put('run_1/deep/inside', 'inside')
    await symlink(join(root, 'secret'), join(root, 'run_1', 'link'))
    await symlink(root, join(root, 'run_1', 'up'))
    await symlink(join(root, 'run_1', 'deep'), join(root, 'run_1', 'within'))
    execFileSync('mkfifo', [join(root, 'run_1', 'pipe')])
    for (const path of [
      '../secret',
      'link',
      'up/secret',
      'deep',
      'pipe',
      'none',
      'deep/inside/x',
      'x'.repeat(300),
    ]) {
      expect([path, await textOf(path)]).toEqual([path, undefined])
    }
    expect(await textOf('within/inside')).toBe('inside')
  })

  test('a file that shrinks while it is read is not taken for whole', async () => {
    await put('run_1/large', 'x'.repeat(200_000))
    const file = await files.open('run_1', 'large')
    const reader = file?.body.getReader()
    await reader?.read()
    await truncate(join(root, 'run_1', 'large'), 70_000)
    await reader?.read()
    await expect(reader?.read()).rejects.toThrow(RangeError)
  })

  test('a reader that leaves closes the file', async () => {
    await put('run_1/a', 'a')
    const file = await files.open('run_1', 'a')
    await file?.body.cancel()
    expect(file?.sizeBytes).toBe(1)
  })
})
