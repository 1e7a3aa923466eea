import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { z } from 'zod'

import { openPlatform, type Platform, type Role } from '../../src/app/compose.ts'
import { config, type Config } from '../../src/app/config.ts'
import type { Surroundings } from '../../src/app/surroundings.ts'
import { type Log, silentLog } from '../../src/kernel/log.ts'
import { noTelemetry } from '../../src/kernel/telemetry.ts'
import { createFollowingClock } from '../../src/platform/clock.ts'
import { createSystemRandom } from '../../src/platform/random.ts'
import type { ConnectionTarget } from '../../src/platform/sql/database.ts'

import { createTestDatabase, type TestDatabase } from './database.ts'

/** Settings as a process or as a file holds them. */
type Settings = Partial<Config> | Partial<z.input<typeof config>>

/** A platform on a database of its own, and others beside it on the same one. */
export interface TestPlatform extends Platform {
  readonly fixture: TestDatabase
  readonly url: string
  /** Another process's platform on the same database. */
  beside(role: Role, settings?: Settings): Promise<Platform>
  /** Closes all of them and drops the database. */
  drop(): Promise<void>
}

/** Options of a test platform. */
export interface TestPlatformOptions {
  readonly role?: Role
  readonly settings?: Settings
  readonly surroundings?: Partial<Surroundings>
}

/** Opens the real platform on a fresh database of the test run's server. */
export async function openTestPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const { role = { worker: 'all' }, settings = {} } = options
  const fixture = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'prsm-platform-'))
  const surroundings = { ...realSurroundings(), ...options.surroundings }
  const url = toUrl(fixture.target)
  const opened: Platform[] = []
  const open = async (as: Role, more: Settings = {}): Promise<Platform> => {
    const platform = await openPlatform(
      config.parse({ dataDir, databaseUrl: url, ...settings, ...more }),
      surroundings,
      as,
    )
    opened.push(platform)
    return platform
  }
  const main = await open(role)
  return {
    ...main,
    fixture,
    url,
    beside: open,
    async drop() {
      for (const platform of opened) await platform.close(0)
      await fixture.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The real clock and chance, with nothing logged. */
export function realSurroundings(log: Log = silentLog): Surroundings {
  return {
    clock: createFollowingClock(),
    random: createSystemRandom(),
    log,
    telemetry: noTelemetry,
    secrets: () => undefined,
    keys: () => undefined,
    environment: {},
  }
}

/** The URL form of a connection target. */
export function toUrl(target: ConnectionTarget): string {
  if (target.connectionString !== undefined) return target.connectionString
  const { host = '', port = 5432, user = '', database = '' } = target
  return `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
}
