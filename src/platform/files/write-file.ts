import { randomUUID } from 'node:crypto'
import { type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { type Sha256, sha256 } from '../../kernel/hash.ts'

import { NotAFileError } from './errors.ts'
import { isSystemFault, withFileFaults } from './file-faults.ts'
import { resolveInside, toRelative } from './inside.ts'

/** A file that was written. */
export interface WrittenFile {
  /** From the root, with `/` and links followed. */
  readonly path: string
  readonly bytes: number
  readonly sha256: Sha256
}

/** What is written. */
export interface WriteOptions {
  /** From the root; its folders are made. */
  readonly path: string
  readonly content: Uint8Array
  /** Opens the new file. @defaultValue the file system */
  readonly open?: (path: string) => Promise<FileHandle>
}

const TEMPORARY = /(?:^|\/)\.prsm-[0-9a-f-]{36}\.tmp$/

/** Whether a path is that of a file which is being written, or was when a process died. */
export function isTemporary(path: string): boolean {
  return TEMPORARY.test(path)
}

/**
 * Writes a file within a root: the whole of it or, on any failure, nothing.
 *
 * @remarks
 * The content goes to the disk under another name, and then takes the place of what was there.
 * Crash: the file is the old or the new one; a temporary one may stay, which lists leave out.
 * Retry: writing the same again changes nothing.
 * @throws {@link OutsideFolderError}, {@link NotAFileError}, {@link DiskFullError},
 * {@link FileDeniedError}
 */
export async function writeFileInside(
  root: string,
  { path, content, open: openFile = openNew }: WriteOptions,
): Promise<WrittenFile> {
  const { path: target } = await resolveInside(root, path)
  return withFileFaults(path, async () => {
    await mkdir(dirname(target), { recursive: true })
    // The folders on the way are there now, so this sees every link among them.
    const place = await resolveInside(root, path)
    await refuseSpecial(place.path, path)
    const temporary = join(dirname(place.path), `.prsm-${randomUUID()}.tmp`)
    try {
      await writeSynced(await openFile(temporary), content)
      await rename(temporary, place.path)
    } catch (fault) {
      await rm(temporary, { force: true })
      throw fault
    }
    return { path: toRelative(place), bytes: content.length, sha256: sha256(content) }
  })
}

function openNew(path: string): Promise<FileHandle> {
  return open(path, 'wx')
}

async function writeSynced(file: FileHandle, content: Uint8Array): Promise<void> {
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A name that is taken by a folder or a device is not given to a file. */
async function refuseSpecial(target: string, path: string): Promise<void> {
  try {
    const stats = await lstat(target)
    if (stats.isDirectory()) throw new NotAFileError(path, 'a folder')
    if (!stats.isFile()) throw new NotAFileError(path, 'a device, a pipe or a socket')
  } catch (fault) {
    if (!isSystemFault(fault, 'ENOENT')) throw fault
  }
}
