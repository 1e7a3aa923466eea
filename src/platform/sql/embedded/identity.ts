import { constants } from 'node:fs'
import { lchown, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { DataDirectoryError } from './errors.ts'
import { hasCode } from './faults.ts'

/** A user and a group of the operating system. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

/** Who owns a file, and who may do what with it. */
export interface Access extends Identity {
  readonly mode: number
}

/** The customary number of `nobody`; it needs no entry in the password file. */
const NOBODY: Identity = { uid: 65_534, gid: 65_534 }

/** Whom this process acts as. */
export function ownIdentity(): Identity {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
}

/**
 * As whom the server runs when `self` starts it in a folder of `owner`.
 *
 * @remarks
 * PostgreSQL refuses to run as root. Where PRSM is root, the server runs as the owner of the place,
 * so that a directory can be used with and without root, and as nobody where root owns it.
 */
export function serverIdentity(self: Identity, owner: Identity): Identity {
  if (self.uid !== 0) return self
  return owner.uid === 0 ? NOBODY : { uid: owner.uid, gid: owner.gid }
}

/** Whether `identity` has all permissions in `bits`: 4 read, 2 write, 1 execute or enter. */
export function permits(access: Access, { uid, gid }: Identity, bits: number): boolean {
  const others = access.gid === gid ? 3 : 0
  const shift = access.uid === uid ? 6 : others
  return ((access.mode >> shift) & bits) === bits
}

/**
 * Makes `owner` own a folder of ours and what is in it, the folder last.
 *
 * @throws {@link DataDirectoryError} the folder is not ours, or this root may not: it lacks the
 * capability, or its user namespace does not know that user.
 */
export async function giveAway(folder: string, owner: Identity): Promise<void> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
  const handle = await open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  try {
    const { uid } = await handle.stat()
    if (uid !== ownIdentity().uid) throw new DataDirectoryError(folder, `belongs to user ${uid}`)
    // Through the descriptor where the system can: who owns the folder above may rename this one and
    // put a link in its place, and root would give away what that points to.
    const base = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : folder
    const names = await readdir(base, { recursive: true })
    await Promise.all(names.map((name) => lchown(join(base, name), owner.uid, owner.gid)))
    await handle.chown(owner.uid, owner.gid)
  } catch (fault) {
    if (!hasCode(fault, 'EPERM', 'EINVAL')) throw fault
    throw new DataDirectoryError(folder, `cannot be given to user ${owner.uid}`, {
      cause: fault,
      hint:
        'PRSM runs as root but PostgreSQL must not; run PRSM as an ordinary user, or let its root ' +
        'change owners and users (capabilities CHOWN, SETUID and SETGID)',
    })
  } finally {
    await handle.close()
  }
}
