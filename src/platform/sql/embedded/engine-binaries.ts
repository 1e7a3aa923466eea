import { lstat, readFile, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import type { Log } from '../../../kernel/log.ts'

import { copiedEngine } from './engine-copy.ts'
import type { EnginePackage } from './engine-package.ts'
import { EngineMissingError } from './errors.ts'
import { hasCode, unlessCode } from './faults.ts'
import { type Identity, ownIdentity, permits } from './identity.ts'

/**
 * The folder with `bin`, `lib` and `share` from which `server` can run PostgreSQL.
 *
 * @remarks
 * The package's own, unless the server's user cannot enter it (a project under /root) or links are
 * missing and cannot be made there: then a copy in the temporary folder, kept for later starts.
 *
 * @throws {@link EngineMissingError} there is no server in the package, or no place for a copy.
 */
export async function runnableEngine(
  engine: EnginePackage,
  { server, log }: { readonly server: Identity; readonly log: Log },
): Promise<string> {
  const { native, name } = engine
  if ((await makeLinks(native)) && (await isReachable(engine, server))) return native
  const copy = await copiedEngine(engine, log)
  await makeLinks(copy)
  if (!(await isReachable({ name, native: copy }, server))) {
    throw new EngineMissingError(
      name,
      `can be entered by user ${server.uid} neither in "${native}" nor as the copy "${copy}"; ` +
        'name a temporary folder that all users may enter in TMPDIR',
    )
  }
  return copy
}

/** Makes the links that the package lists, as its install script would; false when it may not. */
async function makeLinks(native: string): Promise<boolean> {
  const list = await unlessCode(['ENOENT'], () =>
    readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  )
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    list ?? '[]',
  )
  const made = await Promise.all(
    links.map(({ source, target }) =>
      // Paths in the list begin with `native/`, which a copy is not called.
      makeLink(join(native, target.replace(/^native\//, '')), basename(source)),
    ),
  )
  return made.every(Boolean)
}

async function makeLink(path: string, to: string): Promise<boolean> {
  try {
    if ((await unlessCode(['ENOENT'], () => lstat(path))) === undefined) await symlink(to, path)
    return true
  } catch (fault) {
    if (hasCode(fault, 'EEXIST')) return true // another process was faster
    if (hasCode(fault, 'EACCES', 'EPERM', 'EROFS')) return false
    throw fault
  }
}

/** Whether `server` may enter every folder on the way, run the server and read what belongs to it. */
async function isReachable(
  { name, native }: Pick<EnginePackage, 'name' | 'native'>,
  server: Identity,
): Promise<boolean> {
  const binary = join(native, 'bin/postgres')
  const found = await unlessCode(['ENOENT', 'ENOTDIR'], () => stat(binary))
  if (found === undefined) throw new EngineMissingError(name, `has no "${binary}"`)
  if (server.uid === ownIdentity().uid) return true
  const inside = await Promise.all(['lib', 'share'].map((part) => stat(join(native, part))))
  const above = await Promise.all(ancestors(binary).map((path) => stat(path)))
  return (
    [found, ...inside].every((entry) => permits(entry, server, 5)) &&
    above.every((entry) => permits(entry, server, 1))
  )
}

function ancestors(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...ancestors(parent)]
}
