import { constants, copyFile, chmod, mkdir, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'

import { assertNever } from '../../kernel/result.ts'

import { FileNotFoundError, ImportLimitError, NotAFileError } from './errors.ts'
import { withFileFaults } from './file-faults.ts'
import { resolveInside } from './inside.ts'
import { type Found, walkFolder } from './walk.ts'

/** What documents are taken over. */
export interface ImportOptions {
  /** Folder, or file, of the user. */
  readonly from: string
  /** Folder that gets the copies; made when it is not there. */
  readonly to: string
  /** Extensions that are taken, with or without their dot; case does not count. Empty: all. */
  readonly accept: readonly string[]
  /** Most bytes of all documents together. */
  readonly maxBytes: number
  readonly maxFiles: number
}

/** Why something was not taken over. */
export type SkipReason =
  /** Its extension is not among those that are accepted. */
  | 'extension'
  /** Its name, or that of a folder on the way, begins with a dot. */
  | 'hidden'
  /** It is a link that leads out of the folder, to a folder, or nowhere. */
  | 'link'
  /** It is a device, a pipe or a socket. */
  | 'special'

/** What was taken over. */
export interface Imported {
  /** Sorted by path, which is the same under both folders, with `/`. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  readonly bytes: number
  readonly skipped: readonly { readonly path: string; readonly reason: SkipReason }[]
}

/** How many files are copied at a time. */
const PARALLEL = 8

/**
 * Copies the documents of a folder, so that a run works on a snapshot of them.
 *
 * @remarks
 * Nothing is copied before all limits are checked. Where the file system can, copies share the
 * space of the originals. Retry: copies are made again; what was there under the same name goes.
 * @throws {@link ImportLimitError}, {@link FileNotFoundError}, {@link NotAFileError},
 * {@link FileDeniedError}, {@link DiskFullError}
 */
export async function importFolder(options: ImportOptions): Promise<Imported> {
  const { source, ...found } = await findInFolder(options)
  await copyAll(
    source,
    options.to,
    found.files.map(({ path }) => path),
  )
  return found
}

/** What {@link importFolder} would copy. */
export async function measureFolder(options: ImportOptions): Promise<Imported> {
  const { files, bytes, skipped } = await findInFolder(options)
  return { files, bytes, skipped }
}

async function findInFolder(
  options: ImportOptions,
): Promise<Imported & { readonly source: string }> {
  const { from, to } = options
  const source = await withFileFaults(from, () => realpath(from))
  const found = await withFileFaults(from, async () => {
    if (!(await stat(source)).isDirectory()) throw new NotAFileError(from, 'a file, not a folder')
    const target = resolve(to)
    // A folder for copies within the originals is no original.
    const enters = (path: string): boolean => !isHidden(path) && join(source, path) !== target
    return walkFolder(source, { isRecursive: true, enters })
  })
  const accepts = acceptance(options.accept)
  const judged = found.flatMap((each) => {
    const verdict = judge(each, accepts)
    return verdict === undefined ? [] : [{ path: each.path, verdict }]
  })
  const wanted = judged.flatMap(({ path, verdict }) => (verdict === 'take' ? [path] : []))
  const skipped = judged.flatMap(({ path, verdict }) =>
    verdict === 'take' ? [] : [{ path, reason: verdict }],
  )
  const files = await measure(source, wanted, options)
  return { source, files, bytes: sumOf(files), skipped }
}

/** Copies one document; its extension has to be among those that are accepted. */
export async function importFile(options: ImportOptions): Promise<Imported> {
  const { source, ...found } = await findFile(options)
  for (const { path } of found.files) await copyOne(source, options.to, path)
  return found
}

/** What {@link importFile} would copy. */
export async function measureFile(options: ImportOptions): Promise<Imported> {
  const { files, bytes, skipped } = await findFile(options)
  return { files, bytes, skipped }
}

async function findFile(options: ImportOptions): Promise<Imported & { readonly source: string }> {
  const { from, accept } = options
  const source = await withFileFaults(from, () => realpath(from))
  const isFile = await withFileFaults(from, async () => (await stat(source)).isFile())
  if (!isFile) throw new NotAFileError(from, 'no file')
  // The name is the one the user gave, also when it is that of a link.
  const name = basename(from)
  if (!acceptance(accept)(name)) {
    return { source, files: [], bytes: 0, skipped: [{ path: name, reason: 'extension' }] }
  }
  const [file] = await measure(dirname(source), [basename(source)], options)
  if (file === undefined) throw new FileNotFoundError(from)
  return { source, files: [{ ...file, path: name }], bytes: file.bytes, skipped: [] }
}

type Accepts = (path: string) => boolean

function acceptance(accept: readonly string[]): Accepts {
  const extensions = new Set(accept.map((each) => each.toLowerCase().replace(/^\.?/, '.')))
  return (path) => extensions.size === 0 || extensions.has(extname(path).toLowerCase())
}

/** `undefined` for a folder that is looked into. */
function judge({ path, kind }: Found, accepts: Accepts): 'take' | SkipReason | undefined {
  if (isHidden(path)) return 'hidden'
  switch (kind) {
    case 'folder':
      return undefined
    case 'stray':
      return 'link'
    case 'other':
      return 'special'
    case 'file':
    case 'link':
      return accepts(path) ? 'take' : 'extension'
    default:
      return assertNever(kind)
  }
}

/** Whether the last part of a path begins with a dot. */
function isHidden(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('.')
}

async function measure(
  source: string,
  paths: readonly string[],
  { from, maxFiles, maxBytes }: ImportOptions,
): Promise<Imported['files']> {
  if (paths.length > maxFiles)
    throw new ImportLimitError(from, 'maxFiles', { value: maxFiles, found: paths.length })
  const files: { readonly path: string; readonly bytes: number }[] = []
  for (const path of paths) {
    const { size } = await withFileFaults(path, () => stat(join(source, path)))
    files.push({ path, bytes: size })
  }
  const found = sumOf(files)
  if (found > maxBytes) throw new ImportLimitError(from, 'maxBytes', { value: maxBytes, found })
  return files
}

function sumOf(files: Imported['files']): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

async function copyAll(source: string, to: string, paths: readonly string[]): Promise<void> {
  const rest = [...paths].toReversed()
  const copyNext = async (): Promise<void> => {
    for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
      await copyOne(join(source, path), to, path)
    }
  }
  await withFileFaults(to, () => mkdir(to, { recursive: true }))
  await Promise.all(Array.from({ length: PARALLEL }, copyNext))
}

async function copyOne(source: string, to: string, path: string): Promise<void> {
  await withFileFaults(path, async () => {
    await mkdir(to, { recursive: true })
    const { path: target } = await resolveInside(to, path)
    await mkdir(dirname(target), { recursive: true })
    await rm(target, { force: true })
    await copyFile(source, target, constants.COPYFILE_FICLONE)
    await chmod(target, 0o644)
  })
}
