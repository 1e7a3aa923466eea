import { lstat, mkdir, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { isJsonObject, type Json } from '../../../kernel/json.ts'

import { createHome, type Creation, removeStaleDrafts } from './create-home.ts'
import type { EnginePackage } from './engine-package.ts'
import { DataDirectoryError, EngineVersionError } from './errors.ts'
import { asDirectoryError, unlessCode } from './faults.ts'
import { giveAway, type Identity, ownIdentity, serverIdentity } from './identity.ts'
import { readText } from './read-text.ts'

/** The folder a server lives in, fit to be used. */
export interface DataHome {
  /** Absolute; holds everything of the server, the socket too. */
  readonly folder: string
  /** PGDATA. */
  readonly data: string
  /** As whom the server runs. */
  readonly server: Identity
}

/**
 * Finds, or makes, the folder `postgres` of a data directory.
 *
 * @remarks
 * Crash: a new folder is filled under another name and renamed, so it is there whole or not at all;
 * two processes may do so at once, and the first wins.
 *
 * @throws {@link DataDirectoryError} it cannot be used or was not made by PRSM.
 * @throws {@link EngineVersionError} it was made by another major version; nothing was changed.
 */
export async function prepareHome(dataDir: string, creation: Creation): Promise<DataHome> {
  const above = resolve(dataDir)
  await asDirectoryError(above, () => mkdir(above, { recursive: true }))
  const parent = await asDirectoryError(above, () => realpath(above))
  const folder = join(parent, 'postgres')
  return asDirectoryError(folder, async () => {
    const found = await unlessCode(['ENOENT'], () => lstat(folder))
    if (found === undefined) await createHome(parent, creation)
    await removeStaleDrafts(parent, creation.nowMs)
    return checkHome(folder, creation.engine)
  })
}

async function checkHome(folder: string, engine: EnginePackage): Promise<DataHome> {
  const self = ownIdentity()
  const owner = await lstat(folder)
  if (!owner.isDirectory()) throw new DataDirectoryError(folder, 'is not a directory')
  if (self.uid !== 0 && owner.uid !== self.uid) {
    throw new DataDirectoryError(folder, `belongs to user ${owner.uid}, PRSM runs as ${self.uid}`, {
      hint: `run PRSM as user ${owner.uid} or as root, or choose another directory with --data-dir`,
    })
  }
  const data = join(folder, 'data')
  await checkOrigin(folder, engine)
  const server = serverIdentity(self, owner)
  // A restored backup may belong to root altogether.
  if (server.uid !== owner.uid) await giveAway(folder, server)
  return { folder, data, server }
}

async function checkOrigin(folder: string, engine: EnginePackage): Promise<void> {
  const record = await readText(join(folder, 'engine.json'))
  const version = await readText(join(folder, 'data/PG_VERSION'))
  if (record === undefined || version === undefined || !isOurs(record)) {
    throw new DataDirectoryError(folder, 'exists but is not a PostgreSQL data folder of PRSM', {
      hint: 'choose another directory with --data-dir, or move that folder away',
    })
  }
  const found = version.trim()
  if (found !== engine.major) throw new EngineVersionError(folder, { found, engine: engine.major })
}

function isOurs(record: string): boolean {
  try {
    const parsed: Json = JSON.parse(record)
    return isJsonObject(parsed) && parsed['engine'] === 'postgresql'
  } catch (fault) {
    if (fault instanceof SyntaxError) return false
    throw fault
  }
}
