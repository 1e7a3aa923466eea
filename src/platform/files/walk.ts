import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { TooManyFilesError } from './errors.ts'
import { isSystemFault } from './file-faults.ts'
import { isWithin } from './inside.ts'

/** Something found below a folder. */
export interface Found {
  /** From the folder, with `/`. */
  readonly path: string
  /**
   * `link` leads to a file that is allowed; `stray` is a link to anything else; `other` is a
   * device, a pipe or a socket.
   */
  readonly kind: 'file' | 'folder' | 'link' | 'stray' | 'other'
}

/** How a folder is walked. */
export interface WalkOptions {
  readonly isRecursive: boolean
  /** Links may lead to files in here. @defaultValue the folder */
  readonly within?: string
  /** Whether to look into a folder. */
  readonly enters?: (path: string) => boolean
  /** Most entries that are looked at. @defaultValue 500_000 */
  readonly maxEntries?: number
}

/**
 * Everything below a folder, folder by folder, sorted by code units; links to folders are not
 * entered, so there are no circles.
 *
 * @param folder - absolute, with all links followed
 * @throws {@link TooManyFilesError}
 */
export async function walkFolder(
  folder: string,
  { isRecursive, within = folder, enters = () => true, maxEntries = 500_000 }: WalkOptions,
): Promise<readonly Found[]> {
  const found: Found[] = []
  const waiting = ['']
  for (let inner = waiting.pop(); inner !== undefined; inner = waiting.pop()) {
    const entries = await readdir(join(folder, inner), { withFileTypes: true })
    if (found.length + entries.length > maxEntries) throw new TooManyFilesError(folder, maxEntries)
    for (const entry of entries) {
      const path = inner === '' ? entry.name : `${inner}/${entry.name}`
      const kind = await kindOf(entry, join(folder, path), within)
      found.push({ path, kind })
      if (kind === 'folder' && isRecursive && enters(path)) waiting.push(path)
    }
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function kindOf(entry: Dirent, path: string, within: string): Promise<Found['kind']> {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  if (!entry.isSymbolicLink()) return 'other'
  try {
    const target = await realpath(path)
    return isWithin(within, target) && (await stat(target)).isFile() ? 'link' : 'stray'
  } catch (fault) {
    if (isSystemFault(fault, 'ENOENT', 'ELOOP', 'EACCES', 'ENOTDIR')) return 'stray'
    throw fault
  }
}
