import { lstat, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { EpochMs } from '../../../kernel/clock.ts'

import type { EnginePackage } from './engine-package.ts'
import { hasCode, unlessCode } from './faults.ts'
import { giveAway, type Identity, ownIdentity, serverIdentity } from './identity.ts'
import { runInitdb } from './initdb.ts'
import { packageRoot } from './package-root.ts'
import { unpackTemplate } from './template.ts'
import { flush, writeTemplate } from './write-template.ts'

/** What the name of a folder in the making begins with. */
const DRAFT_PREFIX = 'postgres.new-'

/** Older than this, a draft was left by a crash; to make one takes a second. */
const STALE_MS = 600_000

/** Where the template fits: 64 bits, little-endian. Elsewhere initdb makes the directory. */
const TEMPLATE_PLATFORMS: ReadonlySet<string> = new Set(['linux-x64', 'linux-arm64'])

/** What makes a data directory: with which PostgreSQL and when. */
export interface Creation {
  readonly engine: EnginePackage
  readonly nowMs: EpochMs
}

/**
 * Makes the folder `postgres` in `parent`, unless another process does so first.
 *
 * @remarks
 * Crash: leaves a draft `postgres.new-…`, which a later start removes. All files are
 * flushed before the rename, because PostgreSQL flushes only what it changes itself.
 */
export async function createHome(parent: string, creation: Creation): Promise<void> {
  const owner = serverIdentity(ownIdentity(), await stat(parent))
  const draft = await mkdtemp(join(parent, DRAFT_PREFIX))
  try {
    await fill(draft, creation, owner)
    await rename(draft, join(parent, 'postgres'))
    await flush(parent)
  } catch (fault) {
    await rm(draft, { recursive: true, force: true })
    // Another process has made it in the meantime.
    if (!hasCode(fault, 'ENOTEMPTY', 'EEXIST')) throw fault
  }
}

async function fill(draft: string, { engine, nowMs }: Creation, owner: Identity): Promise<void> {
  const record = {
    engine: 'postgresql',
    majorVersion: engine.major,
    packageVersion: engine.version,
    createdAt: new Date(nowMs).toISOString(),
  }
  const data = join(draft, 'data')
  const template = await findTemplate(engine)
  if (template !== undefined) await writeTemplate(data, unpackTemplate(template))
  const text = `${JSON.stringify(record, null, 2)}\n`
  await writeFile(join(draft, 'engine.json'), text, { flag: 'wx', mode: 0o600, flush: true })
  await flush(draft)
  if (owner.uid !== ownIdentity().uid) await giveAway(draft, owner)
  if (template === undefined) await runInitdb(engine.native, { data, owner })
}

async function findTemplate({ major }: EnginePackage): Promise<Uint8Array | undefined> {
  if (!TEMPLATE_PLATFORMS.has(`${process.platform}-${process.arch}`)) return undefined
  // Missing when the engine is newer than the template.
  return unlessCode(['ENOENT'], () => readFile(join(packageRoot(), `assets/pgdata-${major}.bin`)))
}

/** Removes the folders that crashes have left half-made, except those of other users. */
export async function removeStaleDrafts(parent: string, nowMs: EpochMs): Promise<void> {
  const names = (await unlessCode(['EACCES'], () => readdir(parent))) ?? []
  const drafts = names.filter((name) => name.startsWith(DRAFT_PREFIX))
  await Promise.all(
    drafts.map(async (name) => {
      const path = join(parent, name)
      const entry = await unlessCode(['ENOENT'], () => lstat(path))
      if (entry === undefined || nowMs - entry.mtimeMs < STALE_MS) return
      await unlessCode(['EACCES', 'EPERM'], () => rm(path, { recursive: true, force: true }))
    }),
  )
}
