import { execFileSync } from 'node:child_process'
import { chmod, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sha256 } from '../../kernel/hash.ts'

import { resolveInside, toRelative } from './inside.ts'
import { listFiles } from './list-files.ts'
import { readFileInside } from './read-file.ts'
import { createTestFolder, faultOf, type TestFolder } from './testing.ts'
import { writeFileInside } from './write-file.ts'

let home: TestFolder
let root: string
beforeAll(async () => {
  home = await createTestFolder()
  root = join(home.path, 'root')
  await home.add({
    'secret.txt': 'secret',
    'rootless/x.txt': 'sibling',
    'root/a.md': 'A',
    'root/sub/b.txt': 'BB',
    'root/sub/deep/C.MD': 'CCC',
    'root/.dot/d.md': 'D',
  })
  await symlink(join(home.path, 'secret.txt'), join(root, 'out.txt'))
  await symlink(home.path, join(root, 'out'))
  await symlink('../rootless', join(root, 'sibling'))
  await symlink('sub', join(root, 'in'))
  await symlink('../a.md', join(root, 'sub', 'link.md'))
  await symlink(join(home.path, 'nothing'), join(root, 'dangling'))
  await symlink('circle', join(root, 'circle'))
  execFileSync('mkfifo', [join(root, 'pipe')])
})
afterAll(() => home.remove())

const write = (path: string, text: string): ReturnType<typeof writeFileInside> =>
  writeFileInside(root, { path, content: Buffer.from(text) })
const read = async (path: string, maxBytes = 1_000): Promise<string> =>
  new TextDecoder().decode((await readFileInside(root, { path, maxBytes })).bytes)

describe('a path within a folder', () => {
  test.each([
    ['a.md', 'a.md'],
    ['./sub//b.txt', 'sub/b.txt'],
    ['.', '.'],
    ['in/b.txt', 'sub/b.txt'],
    ['in/new/file', 'sub/new/file'],
    ['sub/link.md', 'a.md'],
    ['..a', '..a'],
    ['a..b/c', 'a..b/c'],
  ])('%s is %s', async (path, real) => {
    expect(toRelative(await resolveInside(root, path))).toBe(real)
  })

  test.each([
    '',
    '..',
    '../secret.txt',
    'sub/../../secret.txt',
    'sub/../a.md',
    '/etc/passwd',
    'C:\\x',
    '\\\\server\\x',
    'sub\\..\\..\\x',
    'a\0.md',
    'out.txt',
    'out/secret.txt',
    'out/new.txt',
    'out/new/deeper.txt',
    'sibling/x.txt',
    'dangling',
    'dangling/x',
  ])('%j is refused, for reading and for writing', async (path) => {
    const outside = { code: 'files.outside', details: { path } }
    expect(await faultOf(read(path))).toMatchObject(outside)
    expect(await faultOf(write(path, 'x'))).toMatchObject(outside)
    expect(await faultOf(listFiles(root, { path, isRecursive: true, limit: 9 }))).toMatchObject(
      outside,
    )
    expect(await readdir(home.path)).toEqual(['root', 'rootless', 'secret.txt'])
  })
})

describe('reading a file', () => {
  test('gives its content, through links within the folder too', async () => {
    expect([await read('sub/b.txt'), await read('in/b.txt'), await read('sub/link.md')]).toEqual([
      'BB',
      'BB',
      'A',
    ])
  })

  test.each([
    ['none.md', 'files.not-found'],
    ['circle', 'files.not-found'],
    ['sub', 'files.not-a-file'],
    ['.', 'files.not-a-file'],
    ['a.md/b', 'files.not-a-file'],
    ['pipe', 'files.not-a-file'],
    ['x'.repeat(300), 'files.failed'],
  ])('%s fails as %s, at once', async (path, code) => {
    expect(await faultOf(read(path))).toMatchObject({ code, details: { path } })
  })

  test('fails when it is larger than allowed', async () => {
    expect(await faultOf(read('sub/b.txt', 1))).toMatchObject({
      code: 'files.too-large',
      details: { sizeBytes: 2, maxBytes: 1 },
    })
  })
})

describe('writing a file', () => {
  test('makes its folders, tells what it wrote, and can be done again', async () => {
    const written = { path: 'new/x/y.txt', bytes: 3, sha256: sha256('ü1') }
    expect(await write('new/x/y.txt', 'ü1')).toEqual(written)
    expect(await write('new/x/y.txt', 'ü1')).toEqual(written)
    expect(await read('new/x/y.txt')).toBe('ü1')
    expect(await readdir(join(root, 'new/x'))).toEqual(['y.txt'])
  })

  test('through a link within the folder replaces what it leads to', async () => {
    await home.add({ 'root/linked/real.txt': 'old' })
    await symlink('real.txt', join(root, 'linked', 'to.txt'))
    expect(await write('linked/to.txt', 'new')).toMatchObject({ path: 'linked/real.txt' })
    expect(await read('linked/real.txt')).toBe('new')
  })

  test.each([
    ['sub', 'files.not-a-file'],
    ['pipe', 'files.not-a-file'],
    ['a.md/b.txt', 'files.not-a-file'],
  ])('to %s fails as %s', async (path, code) => {
    expect(await faultOf(write(path, 'x'))).toMatchObject({ code })
  })

  test('on a full disk leaves the old file and nothing else', async () => {
    await home.add({ 'root/full/x.txt': 'old' })
    const fault = await faultOf(
      writeFileInside(root, {
        path: 'full/x.txt',
        content: Buffer.from('new'),
        // Every write to this device fails as on a full disk.
        open: () => open('/dev/full', 'w'),
      }),
    )
    expect(fault).toMatchObject({ code: 'files.disk-full', details: { path: 'full/x.txt' } })
    expect(await readdir(join(root, 'full'))).toEqual(['x.txt'])
    expect(await read('full/x.txt')).toBe('old')
  })

  test('removes what it has begun when the disk fills half-way', async () => {
    await home.add({ 'root/half/x.txt': 'old' })
    const fault = await faultOf(
      writeFileInside(root, {
        path: 'half/x.txt',
        content: Buffer.from('new'),
        async open(path) {
          const file = await open(path, 'wx')
          await file.writeFile('n')
          file.sync = () =>
            Promise.reject(
              Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'fsync' }),
            )
          return file
        },
      }),
    )
    expect(fault).toMatchObject({ code: 'files.disk-full' })
    expect(await readdir(join(root, 'half'))).toEqual(['x.txt'])
  })

  test.skipIf(process.getuid?.() === 0)('where it may not is denied', async () => {
    await mkdir(join(root, 'locked'))
    await chmod(join(root, 'locked'), 0o500)
    expect(await faultOf(write('locked/x', 'x'))).toMatchObject({ code: 'files.denied' })
  })

  test('by many at once leaves one of them whole', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
    await Promise.all(texts.map((text) => write('race.txt', text)))
    expect(texts).toContain(await readFile(join(root, 'race.txt'), 'utf8'))
  })
})

describe('a list of files', () => {
  const list = async (options: Partial<Parameters<typeof listFiles>[1]>): Promise<unknown[]> => {
    const given = { path: '.', isRecursive: true, limit: 100, ...options }
    return (await listFiles(root, given)).files.map(({ path }) => path)
  }

  test('is sorted, has what links within the folder lead to, and nothing from outside', async () => {
    expect(await list({ pattern: '*.{md,MD}' })).toEqual([
      '.dot/d.md',
      'a.md',
      'sub/deep/C.MD',
      'sub/link.md',
    ])
    expect(await list({ pattern: '{out*,sibling/**,dangling,circle,pipe}' })).toEqual([])
  })

  test('of a folder has paths from the root and patterns from the folder', async () => {
    const listed = await listFiles(root, {
      path: 'sub',
      pattern: 'deep/*',
      isRecursive: true,
      limit: 9,
    })
    expect(listed).toEqual({
      files: [{ path: 'sub/deep/C.MD', name: 'C.MD', bytes: 3, extension: 'md' }],
      total: 1,
    })
    expect(await list({ path: 'sub', isRecursive: false })).toEqual(['sub/b.txt', 'sub/link.md'])
  })

  test('ends at its limit, and tells how many there are', async () => {
    await home.add(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`root/many/${n}`, ''])))
    const { files, total } = await listFiles(root, { path: 'many', isRecursive: true, limit: 3 })
    expect([files.map(({ name }) => name), total]).toEqual([['0', '1', '10'], 30])
  })

  test('leaves out files that are being written', async () => {
    await writeFile(join(root, 'sub', `.prsm-${crypto.randomUUID()}.tmp`), 'half')
    expect(await list({ path: 'sub', pattern: '.prsm*' })).toEqual([])
  })

  test('of a file, or of nothing, is an error', async () => {
    const at = (path: string): Promise<unknown> =>
      faultOf(listFiles(root, { path, isRecursive: true, limit: 9 }))
    expect(await at('a.md')).toMatchObject({ code: 'files.not-a-file' })
    expect(await at('none')).toMatchObject({ code: 'files.not-found' })
  })
})
