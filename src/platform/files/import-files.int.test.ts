import { execFileSync } from 'node:child_process'
import { chmod, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { importFile, importFolder, type ImportOptions } from './import-files.ts'
import { createTestFolder, faultOf, type TestFolder } from './testing.ts'

let home: TestFolder
beforeEach(async () => {
  home = await createTestFolder()
  await home.add({
    'docs/b.md': 'B',
    'docs/a.TXT': 'AA',
    'docs/sub/c.html': 'CCC',
    'docs/sub/image.png': 'P',
    'docs/node_modules/x/readme.md': 'R',
    'docs/.git/d.md': 'hidden',
    'docs/.e.md': 'hidden',
    'secret.md': 'secret',
  })
})
afterEach(() => home.remove())

const options = (more: Partial<ImportOptions> = {}): ImportOptions => ({
  from: join(home.path, 'docs'),
  to: join(home.path, 'run', 'inputs'),
  accept: ['md', '.txt', 'HTML'],
  maxBytes: 1_000,
  maxFiles: 100,
  ...more,
})
const copied = (path: string): Promise<string> =>
  readFile(join(home.path, 'run', 'inputs', path), 'utf8')

describe('taking documents over', () => {
  test('copies those of the accepted kinds, in order, and tells what it left', async () => {
    expect(await importFolder(options())).toEqual({
      files: [
        { path: 'a.TXT', bytes: 2 },
        { path: 'b.md', bytes: 1 },
        { path: 'node_modules/x/readme.md', bytes: 1 },
        { path: 'sub/c.html', bytes: 3 },
      ],
      bytes: 7,
      skipped: [
        { path: '.e.md', reason: 'hidden' },
        { path: '.git', reason: 'hidden' },
        { path: 'sub/image.png', reason: 'extension' },
      ],
    })
    expect([await copied('sub/c.html'), await copied('a.TXT')]).toEqual(['CCC', 'AA'])
  })

  test('makes a snapshot, and a newer one when it is done again', async () => {
    await chmod(join(home.path, 'docs/b.md'), 0o400)
    await importFolder(options())
    await chmod(join(home.path, 'docs/b.md'), 0o600)
    await home.add({ 'docs/b.md': 'changed' })
    expect(await copied('b.md')).toBe('B')
    await importFolder(options())
    expect(await copied('b.md')).toBe('changed')
  })

  test('follows links within the folder only', async () => {
    const docs = join(home.path, 'docs')
    await symlink('b.md', join(docs, 'inner.md'))
    await symlink('../secret.md', join(docs, 'outer.md'))
    await symlink('..', join(docs, 'folder.md'))
    await symlink('nothing', join(docs, 'dangling.md'))
    execFileSync('mkfifo', [join(docs, 'pipe.md')])
    const { files, skipped } = await importFolder(options())
    expect(files.map(({ path }) => path)).toContain('inner.md')
    expect(await copied('inner.md')).toBe('B')
    expect(skipped.filter(({ reason }) => reason === 'link' || reason === 'special')).toEqual([
      { path: 'dangling.md', reason: 'link' },
      { path: 'folder.md', reason: 'link' },
      { path: 'outer.md', reason: 'link' },
      { path: 'pipe.md', reason: 'special' },
    ])
  })

  test.each([
    ['maxFiles', 3, 4],
    ['maxBytes', 6, 7],
  ] as const)(
    'copies nothing when %s is exceeded, and names the limit',
    async (limit, value, found) => {
      const fault = await faultOf(importFolder(options({ [limit]: value })))
      expect(fault).toMatchObject({
        code: 'files.import-limit',
        details: { limit, value, found },
        hint: expect.stringContaining(limit),
      })
      expect(await faultOf(copied('b.md'))).toMatchObject({ code: 'ENOENT' })
    },
  )

  test('leaves out its own copies when they lie within the folder', async () => {
    const to = join(home.path, 'docs', 'copies')
    await importFolder(options({ to }))
    const { files } = await importFolder(options({ to }))
    expect(files).toHaveLength(4)
  })

  test('of what is no folder, or not there, says so', async () => {
    const from = join(home.path, 'secret.md')
    expect(await faultOf(importFolder(options({ from })))).toMatchObject({
      code: 'files.not-a-file',
    })
    expect(await faultOf(importFolder(options({ from: `${from}x` })))).toMatchObject({
      code: 'files.not-found',
    })
  })

  test('takes a single file too, under the same rules', async () => {
    const from = join(home.path, 'secret.md')
    expect(await importFile(options({ from }))).toEqual({
      files: [{ path: 'secret.md', bytes: 6 }],
      bytes: 6,
      skipped: [],
    })
    expect(await copied('secret.md')).toBe('secret')
    const image = join(home.path, 'docs/sub/image.png')
    expect(await importFile(options({ from: image }))).toMatchObject({
      files: [],
      skipped: [{ path: 'image.png', reason: 'extension' }],
    })
    expect(await faultOf(importFile(options({ from, maxBytes: 5 })))).toMatchObject({
      code: 'files.import-limit',
    })
    expect(await faultOf(importFile(options({ from: home.path })))).toMatchObject({
      code: 'files.not-a-file',
    })
  })
})
