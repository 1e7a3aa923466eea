import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import type { Log } from '../../../kernel/log.ts'

import type { EnginePackage } from './engine-package.ts'
import { unlessCode } from './faults.ts'
import { ownIdentity } from './identity.ts'

/** Parts of the package that serve only to compile against PostgreSQL. */
const LEFT_OUT = /\.a$|^lib\/pkgconfig\/|^lib\/postgresql\/pgxs\//

/**
 * A copy of the package's programs in the temporary folder that every user may run.
 *
 * @remarks
 * Crash: the copy is made under another name and renamed, so that half a copy is never used.
 * A folder of that name which others may have made or changed is left alone and not used.
 */
export async function copiedEngine(engine: EnginePackage, log: Log): Promise<string> {
  const { native, version } = engine
  const wanted = await wantedFiles(native)
  const target = join(tmpdir(), `prsm-postgresql-${version}-${process.arch}-${ownIdentity().uid}`)
  const trust = await trustIn(target, wanted.length)
  if (trust === 'whole') return target
  const copy = await mkdtemp(`${target}.`)
  await copyFiles(native, copy, wanted)
  log.info('sql.engine-copied', { from: native, to: trust === 'foreign' ? copy : target })
  if (trust === 'foreign') return copy
  if (trust === 'damaged') await rm(target, { recursive: true, force: true })
  // Fails when another process was faster; its copy is as good.
  const isFirst = await unlessCode(['ENOTEMPTY', 'EEXIST'], async () => {
    await rename(copy, target)
    return true
  })
  if (isFirst === undefined) await rm(copy, { recursive: true })
  return target
}

/** What an existing copy is worth. `damaged`: ours, but cleaners of /tmp have removed files. */
async function trustIn(
  copy: string,
  wantedCount: number,
): Promise<'absent' | 'whole' | 'damaged' | 'foreign'> {
  const entry = await unlessCode(['ENOENT'], () => lstat(copy))
  if (entry === undefined) return 'absent'
  const isOwn = entry.uid === ownIdentity().uid && (entry.mode & 0o022) === 0
  if (!entry.isDirectory() || !isOwn) return 'foreign'
  return (await wantedFiles(copy)).length === wantedCount ? 'whole' : 'damaged'
}

async function wantedFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !LEFT_OUT.test(path))
}

async function copyFiles(from: string, to: string, paths: readonly string[]): Promise<void> {
  const folders = new Set(paths.map((path) => join(to, path, '..')))
  await Promise.all([...folders].map((folder) => mkdir(folder, { recursive: true })))
  await Promise.all(
    paths.map(async (path) => {
      await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE)
      // Whatever the mask was at installation.
      await chmod(join(to, path), 0o755)
    }),
  )
  const made = await readdir(to, { recursive: true, withFileTypes: true })
  const inside = made.filter((entry) => entry.isDirectory())
  await Promise.all(inside.map((entry) => chmod(join(entry.parentPath, entry.name), 0o755)))
  await chmod(to, 0o755)
}
