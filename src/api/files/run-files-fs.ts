import { constants, type Dirent, type Stats } from 'node:fs'
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

import { isErrno } from '../../kernel/errno.ts'

import { comparePaths, splitPath } from './file-path.ts'
import { createFileStream } from './file-stream-fs.ts'
import type { FileEntry, FileRange, RunFiles } from './run-files.ts'

/** Deepest folder that is looked into. */
const MAX_DEPTH = 32
/** The last name on the path is no link, and a pipe without a writer does not block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Folders of runs on the disk. Links are neither listed nor followed. */
export function createFolderRunFiles(folderOf: (run: string) => string): RunFiles {
  return {
    async list(run, range) {
      const found: FileEntry[] = []
      const after = range.after === undefined ? [] : (splitPath(range.after) ?? [])
      await walk({ root: folderOf(run), names: [], after, range, found })
      return found
    },
    async open(run, path) {
      const names = splitPath(path)
      if (names === undefined) return undefined
      const root = folderOf(run)
      const file = join(root, ...names)
      const handle = await orAbsent(open(file, FLAGS))
      if (handle === undefined) return undefined
      const stats = await handle.stat()
      if (!stats.isFile() || !(await isInside(root, file, stats))) {
        await handle.close()
        return undefined
      }
      return toOpenFile(handle, stats)
    },
  }
}

function toOpenFile(
  handle: FileHandle,
  { size, mtimeMs }: Stats,
): Awaited<ReturnType<RunFiles['open']>> {
  return {
    sizeBytes: size,
    modifiedAt: Math.floor(mtimeMs),
    body: createFileStream(handle, size),
  }
}

/**
 * Whether what was opened lies in the folder.
 *
 * @remarks Asked after the file was opened, and of the very file that was: a step that swaps a
 * folder for a link between check and use gains nothing.
 */
async function isInside(root: string, file: string, opened: Stats): Promise<boolean> {
  const [realRoot, realFile] = await Promise.all([
    orAbsent(realpath(root)),
    orAbsent(realpath(file)),
  ])
  if (realRoot === undefined || realFile === undefined) return false
  if (!realFile.startsWith(realRoot + sep)) return false
  const real = await orAbsent(stat(realFile))
  return real !== undefined && real.ino === opened.ino && real.dev === opened.dev
}

interface Walk {
  readonly root: string
  /** The folder being read, below the root. */
  readonly names: readonly string[]
  readonly after: readonly string[]
  readonly range: FileRange
  readonly found: FileEntry[]
}

async function walk(state: Walk): Promise<void> {
  const { root, names, after, range, found } = state
  const entries = (await orAbsent(readdir(join(root, ...names), { withFileTypes: true }))) ?? []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (found.length >= range.limit) return
    const path = [...names, entry.name]
    if (entry.isDirectory() && path.length < MAX_DEPTH) {
      if (!isWhollyBefore(path, after)) await walk({ ...state, names: path })
    } else if (entry.isFile() && comparePaths(path, after) > 0) {
      await add(state, path, entry)
    }
  }
}

/** Whether everything below `folder` comes before `after`. */
function isWhollyBefore(folder: readonly string[], after: readonly string[]): boolean {
  return comparePaths(folder, after.slice(0, folder.length)) < 0
}

async function add(
  { root, names, found }: Walk,
  path: readonly string[],
  entry: Dirent,
): Promise<void> {
  const stats = await orAbsent(stat(join(root, ...names, entry.name)))
  if (stats === undefined) return
  found.push({
    path: path.join('/'),
    sizeBytes: stats.size,
    modifiedAt: Math.floor(stats.mtimeMs),
  })
}

/** Faults that mean that there is nothing of that name, or nothing that may be looked at. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'ENXIO', 'EISDIR'])

async function orAbsent<Value>(looking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await looking
  } catch (fault) {
    if (isErrno(fault) && ABSENT.has(fault.code ?? '')) return undefined
    throw fault
  }
}
