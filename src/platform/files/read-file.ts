import { constants, type FileHandle, open } from 'node:fs/promises'

import { FileTooLargeError, NotAFileError } from './errors.ts'
import { withFileFaults } from './file-faults.ts'
import { resolveInside, toRelative } from './inside.ts'

/** The content of a file. */
export interface FileContent {
  /** From the root, with `/` and links followed. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** What is read. */
export interface ReadOptions {
  /** From the root. */
  readonly path: string
  readonly maxBytes: number
}

/**
 * Reads a file within a root.
 *
 * @throws {@link OutsideFolderError}, {@link FileNotFoundError}, {@link NotAFileError},
 * {@link FileTooLargeError}, {@link FileDeniedError}
 */
export async function readFileInside(
  root: string,
  { path, maxBytes }: ReadOptions,
): Promise<FileContent> {
  const place = await resolveInside(root, path)
  return withFileFaults(path, async () => {
    // A pipe would block until somebody writes; a link would be one that was swapped in just now.
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants
    const file = await open(place.path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
    try {
      return { path: toRelative(place), bytes: await readBounded(file, path, maxBytes) }
    } finally {
      await file.close()
    }
  })
}

async function readBounded(file: FileHandle, path: string, maxBytes: number): Promise<Uint8Array> {
  const stats = await file.stat()
  if (stats.isDirectory()) throw new NotAFileError(path, 'a folder')
  if (!stats.isFile()) throw new NotAFileError(path, 'a device, a pipe or a socket')
  if (stats.size > maxBytes) throw new FileTooLargeError(path, stats.size, maxBytes)
  const bytes = await file.readFile()
  if (bytes.length > maxBytes) throw new FileTooLargeError(path, bytes.length, maxBytes)
  return bytes
}
