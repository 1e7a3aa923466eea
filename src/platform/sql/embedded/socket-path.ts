import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DataDirectoryError } from './errors.ts'
import { SOCKET_PORT } from './settings.ts'

/** Longest path of a Unix socket everywhere: 104 bytes on macOS, 108 on Linux, with a zero at the end. */
const MAX_SOCKET_BYTES = 103

/** A folder by which the server's socket can be reached. */
export interface SocketHost {
  readonly host: string
  /** Removes what was made for it. */
  remove(): Promise<void>
}

/**
 * The way to the socket in `folder`.
 *
 * @remarks
 * Where the path is too long for a socket's address, a private link in the temporary folder shortens
 * it. Crash: the link stays, which harms nobody.
 */
export async function socketHost(folder: string): Promise<SocketHost> {
  if (fits(folder)) return { host: folder, remove: () => Promise.resolve() }
  const near = await mkdtemp(join(tmpdir(), 'prsm-'))
  const host = join(near, 'pg')
  const remove = (): Promise<void> => rm(near, { recursive: true, force: true })
  if (!fits(host)) {
    await remove()
    throw new DataDirectoryError(folder, 'is too long a path for a Unix socket', {
      hint: `name a temporary folder with a shorter path than "${tmpdir()}" in TMPDIR, or choose another directory with --data-dir`,
    })
  }
  await symlink(folder, host)
  return { host, remove }
}

function fits(host: string): boolean {
  return Buffer.byteLength(join(host, `.s.PGSQL.${SOCKET_PORT}`)) <= MAX_SOCKET_BYTES
}
