import { stat } from 'node:fs/promises'
import { extname, join } from 'node:path'

import { NotAFileError } from './errors.ts'
import { isSystemFault, withFileFaults } from './file-faults.ts'
import { createGlob } from './glob.ts'
import { resolveInside, toRelative } from './inside.ts'
import { walkFolder } from './walk.ts'
import { isTemporary } from './write-file.ts'

/** A file in a list. */
export interface ListedFile {
  /** From the root, with `/`. */
  readonly path: string
  readonly name: string
  readonly bytes: number
  /** In lower case and without its dot; empty when there is none. */
  readonly extension: string
}

/** What is listed. */
export interface ListOptions {
  /** Folder, from the root. */
  readonly path: string
  /** See {@link createGlob}; from the folder. */
  readonly pattern?: string | undefined
  readonly isRecursive: boolean
  /** Most files that are given. */
  readonly limit: number
}

/** Files, sorted by path. */
export interface FileList {
  readonly files: readonly ListedFile[]
  /** How many there are, those beyond the limit included. */
  readonly total: number
}

/**
 * Lists the files of a folder within a root.
 *
 * @throws {@link OutsideFolderError}, {@link FileNotFoundError}, {@link NotAFileError}
 */
export async function listFiles(
  root: string,
  { path, pattern, isRecursive, limit }: ListOptions,
): Promise<FileList> {
  const matches = pattern === undefined ? () => true : createGlob(pattern)
  const place = await resolveInside(root, path)
  return withFileFaults(path, async () => {
    if (!(await stat(place.path)).isDirectory())
      throw new NotAFileError(path, 'a file, not a folder')
    const found = await walkFolder(place.path, { isRecursive, within: place.root })
    const wanted = found.filter(
      ({ kind, path: inner }) =>
        (kind === 'file' || kind === 'link') && !isTemporary(inner) && matches(inner),
    )
    const files: ListedFile[] = []
    for (const { path: inner } of wanted.slice(0, limit)) {
      const file = join(place.path, inner)
      const bytes = await sizeOf(file)
      if (bytes === undefined) continue
      const name = inner.slice(inner.lastIndexOf('/') + 1)
      const extension = extname(name).slice(1).toLowerCase()
      files.push({ path: toRelative({ ...place, path: file }), name, bytes, extension })
    }
    return { files, total: wanted.length }
  })
}

/** `undefined` when the file has gone since it was found. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (fault) {
    if (isSystemFault(fault, 'ENOENT')) return undefined
    throw fault
  }
}
