import { createAccess, createSqlKeyStore, type IssuedApiKey } from '../access/index.ts'
import {
  type ApiDeps,
  createApi,
  createFolderRunFiles,
  createSqlIdempotencyStore,
} from '../api/index.ts'
import { createArtifacts, createSqlArtifactStore } from '../artifacts/index.ts'
import { createIds } from '../kernel/ids.ts'
import type { Json } from '../kernel/json.ts'

import { openPlatform, type Platform, type Role } from './compose.ts'
import type { Config } from './config.ts'
import type { Surroundings } from './surroundings.ts'

/** Largest body of a call inside one process, bytes: as much as a definition may have. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024

/** What {@link openLocal} needs beside settings and surroundings. */
export interface LocalOptions {
  readonly role: Role
  readonly version: string
}

/** The platform in this process, with its API before it. */
export interface Local {
  readonly platform: Platform
  /** What a server in this process is started with. */
  readonly api: Omit<ApiDeps, 'auth' | 'closing'>
  /** Answers calls of this process; whoever has the process is trusted. */
  fetch(url: string, init: RequestInit): Response | Promise<Response>
  /** The first API key of the tenant; `undefined` when it has, or had, one. */
  firstKey(): Promise<IssuedApiKey | undefined>
  /** A value with large parts fetched from where they are kept. */
  inflate(value: Json): Promise<Json>
  close(graceMs?: number): Promise<void>
}

/** Opens the platform in this process. */
export async function openLocal(
  config: Config,
  surroundings: Surroundings,
  { role, version }: LocalOptions,
): Promise<Local> {
  const platform = await openPlatform(config, surroundings, role)
  const { clock, random, log } = surroundings
  const { database } = platform.database
  const ids = createIds({ clock, random })
  const access = createAccess({ store: createSqlKeyStore(database), clock, ids, random })
  const artifacts = createArtifacts({ store: createSqlArtifactStore(database) })
  const api: Local['api'] = {
    ...platform,
    access,
    runFiles: createFolderRunFiles((run) => platform.folderOf(run)),
    idempotency: createSqlIdempotencyStore(database),
    ping: () => database.query({ text: 'select 1' }),
    clock,
    ids,
    log,
    version,
  }
  const { tenant } = config
  const app = createApi({
    ...api,
    auth: { kind: 'trusted', tenant },
    options: { bodyLimitBytes: BODY_LIMIT_BYTES },
  })
  return {
    platform,
    api,
    fetch: (url, init) => app.fetch(new Request(url, init)),
    firstKey: () => access.firstKey(tenant),
    inflate: (value) => artifacts.inflate(value),
    close: (graceMs) => platform.close(graceMs),
  }
}
