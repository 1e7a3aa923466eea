import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { ConnectionTarget } from '../../src/platform/sql/database.ts'
import { openEmbeddedPostgres } from '../../src/platform/sql/embedded/embedded-postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgres: ConnectionTarget
  }
}

/** Starts one embedded server for all integration tests, or uses PRSM_TEST_DATABASE_URL. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // oxlint-disable-next-line node/no-process-env -- the runner's own settings
  const url = process.env['PRSM_TEST_DATABASE_URL']
  if (url !== undefined) {
    project.provide('postgres', { connectionString: url })
    return async () => undefined
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'prsm-test-'))
  const server = await openEmbeddedPostgres({ dataDir, clock: systemClock, log: silentLog })
  project.provide('postgres', server.connection)
  return async () => {
    await server.close({ wait: true })
    await rm(dataDir, { recursive: true, force: true })
  }
}
