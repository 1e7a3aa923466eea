import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import type { TestProject } from 'vitest/node'

import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { ConnectionTarget } from '../../src/platform/sql/database.ts'
import { openEmbeddedPostgres } from '../../src/platform/sql/embedded/embedded-postgres.ts'

import { compile } from './compile.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgres: ConnectionTarget
    /** Folder of the programs that tests start, compiled; goes with the suite. */
    readonly bundles: string
    /** The compiled program that runs authors' modules. */
    readonly codeChild: string
  }
}

/** Below `node_modules`, so that compiled programs find packages; git ignores it. */
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache')

const CODE_CHILD = resolve(import.meta.dirname, '../../src/workflow/steps/code/child-main.ts')

/** Starts one embedded server for all integration tests, or uses PRSM_TEST_DATABASE_URL. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(CACHE, { recursive: true })
  const bundles = await mkdtemp(join(CACHE, 'prsm-test-'))
  await chmod(bundles, 0o755)
  project.provide('bundles', bundles)
  project.provide('codeChild', await compile(CODE_CHILD, bundles))
  const closeDatabase = await openServer(project)
  return async () => {
    await closeDatabase()
    await rm(bundles, { recursive: true, force: true })
  }
}

async function openServer(project: TestProject): Promise<() => Promise<void>> {
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
