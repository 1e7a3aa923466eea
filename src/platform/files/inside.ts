import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep, win32 } from 'node:path'

import { OutsideFolderError } from './errors.ts'
import { isSystemFault, withFileFaults } from './file-faults.ts'

/** A place within a folder. */
export interface InsidePlace {
  /** Absolute path with all links followed. */
  readonly path: string
  /** The folder, with all links followed. */
  readonly root: string
}

/**
 * The place that a relative path has within a folder; it need not be there yet.
 *
 * @remarks
 * A path is refused when it is absolute, has a part `..`, or leads out of the folder by a link
 * anywhere on its way. Something else that writes into the folder at the same moment can still swap
 * a link in afterwards; readers and writers here open without following a last link.
 * @param path - parts separated by `/`; `.` is the folder itself
 * @throws {@link OutsideFolderError}
 */
export async function resolveInside(root: string, path: string): Promise<InsidePlace> {
  refuseForm(path)
  return withFileFaults(path, async () => {
    const base = await realpath(root)
    const real = await followExisting(join(base, path), path)
    if (!isWithin(base, real))
      throw new OutsideFolderError(path, 'leads out of its folder by a link')
    return { path: real, root: base }
  })
}

/** The path of a place as authors write it: relative, with `/`. */
export function toRelative({ path, root }: InsidePlace): string {
  const way = relative(root, path)
  return way === '' ? '.' : way.split(sep).join('/')
}

/** Whether a path is a folder or lies below it; both absolute and without links. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Refuses a path by its form alone, as every system would have it. */
function refuseForm(path: string): void {
  if (path === '') throw new OutsideFolderError(path, 'is no path')
  if (path.includes('\0')) throw new OutsideFolderError(path, 'has a NUL in it')
  if (isAbsolute(path) || win32.isAbsolute(path) || (sep === '\\' && /^[a-z]:/i.test(path))) {
    throw new OutsideFolderError(path, 'is an absolute path')
  }
  if (path.split(/[\\/]/).includes('..')) {
    throw new OutsideFolderError(path, 'has a part ".."')
  }
}

/** Follows all links of the part of the way that is there. */
async function followExisting(target: string, shown: string): Promise<string> {
  try {
    return await realpath(target)
  } catch (fault) {
    if (!isSystemFault(fault, 'ENOENT')) throw fault
  }
  // A link to nothing would be followed by whoever writes there.
  if (await isThere(target)) throw new OutsideFolderError(shown, 'is a link that leads nowhere')
  const parent = await followExisting(dirname(target), shown)
  return join(parent, relative(dirname(target), target))
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (fault) {
    if (isSystemFault(fault, 'ENOENT')) return false
    throw fault
  }
}
