import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { sha256 } from '../../../kernel/hash.ts'

import { ModuleChangedError, ModuleNotAllowedError, UnknownModuleError } from './errors.ts'

/** The author's file, as it is now. */
export interface LocatedModule {
  /** Absolute path with all links followed. */
  readonly path: string
  readonly url: string
  readonly digest: string
}

/**
 * Finds a module below one of the roots.
 *
 * @remarks The roots and the file are compared with all links followed.
 * @throws {@link UnknownModuleError} no absolute path, or no file there.
 * @throws {@link ModuleNotAllowedError} it lies outside of the roots.
 * @throws {@link ModuleChangedError} a digest is given and its content has another one.
 */
export async function locateModule(
  { module, digest }: { readonly module: string; readonly digest?: string | undefined },
  roots: readonly string[],
): Promise<LocatedModule> {
  const path = await followed(module)
  if (path === undefined) throw new UnknownModuleError(module)
  const allowed = await Promise.all(roots.map((root) => followed(root)))
  if (!allowed.some((root) => root !== undefined && isBelow(root, path)))
    throw new ModuleNotAllowedError(module, roots)
  if (!(await stat(path)).isFile()) throw new UnknownModuleError(module)
  const actual = sha256(await readFile(path))
  if (digest !== undefined && digest !== actual)
    throw new ModuleChangedError(module, digest, actual)
  return { path, url: pathToFileURL(path).href, digest: actual }
}

/** Codes of the system for a path at which there is nothing to be had. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'])

/** The path with all links followed, or `undefined` when there is nothing. */
async function followed(module: string): Promise<string | undefined> {
  const path = pathOf(module)
  if (path === undefined) return undefined
  try {
    return await realpath(path)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && ABSENT.has(String(fault.code)))
      return undefined
    throw fault
  }
}

function pathOf(module: string): string | undefined {
  if (module.includes('\0')) return undefined
  if (!URL.canParse(module) || isAbsolute(module)) return isAbsolute(module) ? module : undefined
  const url = new URL(module)
  // A host would be another machine; an encoded slash is no part of a path.
  const isLocal = url.protocol === 'file:' && url.host === '' && !/%2f|%5c|%00/i.test(url.pathname)
  return isLocal ? fileURLToPath(url) : undefined
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
