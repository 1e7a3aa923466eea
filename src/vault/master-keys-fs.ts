import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import { isErrno } from '../kernel/errno.ts'
import type { Random } from '../kernel/random.ts'

import { type Key, KEY_BYTES, randomBytes } from './envelope.ts'
import { masterKeyOf, type MasterKeys, readMasterKey } from './master-keys.ts'

const HEAD =
  '# Master keys of PRSM, the one in use first. Whoever has this file and the database can open every\n' +
  '# sealed value; without it nobody can. Keep a copy in a safe place, apart from copies of the database.\n'

/**
 * Master keys in a file that only its owner may read; it is made when the first one is.
 *
 * @remarks Crash: the file is the old or the new one, whole.
 */
export function createMasterKeyFile(path: string, random: Random): MasterKeys {
  const list = (): Promise<readonly Key[]> => readKeys(path)
  return {
    where: path,
    isPrivate: () => isPrivate(path),
    list,
    async make() {
      const fresh = masterKeyOf(randomBytes(random, KEY_BYTES))
      const before = await list()
      await replace(path, [fresh, ...before], before.length === 0)
      const [first = fresh] = await list()
      return first
    },
  }
}

/** A file that is not there yet will be. */
async function isPrivate(path: string): Promise<boolean> {
  try {
    const { mode } = await stat(path)
    return (mode & 0o077) === 0
  } catch (fault) {
    if (isErrno(fault) && fault.code === 'ENOENT') return true
    throw fault
  }
}

async function readKeys(path: string): Promise<readonly Key[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (fault) {
    if (isErrno(fault) && fault.code === 'ENOENT') return []
    throw fault
  }
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => readMasterKey(line, path))
}

/** Puts a whole file in the place of what there is. A first one never replaces that of another process. */
async function replace(path: string, keys: readonly Key[], isFirst: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(
      HEAD + keys.map(({ bytes }) => `${Buffer.from(bytes).toString('base64')}\n`).join(''),
    )
    await file.sync()
  } finally {
    await file.close()
  }
  if (!isFirst) {
    await rename(temporary, path)
    return
  }
  try {
    await link(temporary, path)
  } catch (fault) {
    if (!isErrno(fault) || fault.code !== 'EEXIST') throw fault
  } finally {
    await rm(temporary, { force: true })
  }
}
