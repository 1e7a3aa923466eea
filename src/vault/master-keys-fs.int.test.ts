import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createSeededRandom } from '../kernel/random.ts'

import { InvalidMasterKeyError } from './errors.ts'
import { createMasterKeyFile } from './master-keys-fs.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'prsm-keys-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('is made with the first key, for its owner only, and keeps the newest first', async () => {
  const path = join(folder, 'data', 'master.key')
  const keys = createMasterKeyFile(path, createSeededRandom(1))
  expect(await keys.isPrivate()).toBe(true)
  expect(await keys.list()).toEqual([])
  const first = await keys.make()
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await keys.isPrivate()).toBe(true)
  await chmod(path, 0o644)
  expect(await keys.isPrivate()).toBe(false)
  const second = await keys.make()
  expect(await keys.isPrivate()).toBe(true)
  expect(await keys.list()).toEqual([second, first])
  expect(await readFile(path, 'utf8')).toContain(Buffer.from(first.bytes).toString('base64'))
})

test('two processes that make the first key at once have the same one', async () => {
  const path = join(folder, 'shared', 'master.key')
  const made = await Promise.all(
    [1, 2].map((seed) => createMasterKeyFile(path, createSeededRandom(seed)).list()),
  )
  expect(made).toEqual([[], []])
  const a = await createMasterKeyFile(path, createSeededRandom(1)).make()
  expect(await createMasterKeyFile(path, createSeededRandom(2)).list()).toEqual([a])
})

test('refuses a file that holds something else', async () => {
  const path = join(folder, 'bad.key')
  await writeFile(path, '# a note\nnot a key\n')
  const keys = createMasterKeyFile(path, createSeededRandom(1))
  await expect(keys.list()).rejects.toThrow(InvalidMasterKeyError)
})
