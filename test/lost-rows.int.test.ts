import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { config } from '../src/app/config.ts'
import { openStores, type Stores } from '../src/app/stores.ts'
import { silentLog } from '../src/kernel/log.ts'
import { toMicroFtns } from '../src/kernel/money.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { Database } from '../src/platform/sql/database.ts'
import { claimRows } from '../src/workflow/host/claim-sql.ts'
import { NO_CHANGE, type RunPatch } from '../src/workflow/host/run-store.ts'
import type { RunEvent } from '../src/workflow/machine/events.ts'

import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { toUrl } from './support/platform.ts'

const TENANT = 'default'
let fixture: TestDatabase
let dataDir = ''
let stores: Stores
beforeAll(async () => {
  fixture = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'prsm-rows-'))
  const settings = config.parse({ dataDir, databaseUrl: toUrl(fixture.target) })
  stores = await openStores(settings, { clock: systemClock, log: silentLog })
})
afterAll(async () => {
  await stores.close()
  await fixture.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const CREATED: RunEvent = {
  kind: 'run.created',
  data: { name: 'x', definition: 'd', inputs: {}, budget: '0' },
}

interface Commit {
  readonly worker: string
  readonly from: number
  readonly events?: readonly RunEvent[]
  readonly patch?: RunPatch
}

async function commit(run: string, { worker, from, events = [], patch }: Commit): Promise<void> {
  const timed = events.map((event) => ({ at: 1, event }))
  const change = { ...NO_CHANGE, run, worker, tenant: TENANT, fromVersion: from }
  expect(await stores.runs.commit({ ...change, events: timed, patch })).toMatchObject({ ok: true })
}

/** A run that `work_a` has begun and was given up for dead with, and that `work_b` has read. */
async function readByTwo(run: string): Promise<void> {
  const events: readonly RunEvent[] = [CREATED, { kind: 'run.started', data: { worker: 'work_a' } }]
  const create = { id: run, tenant: TENANT, name: 'x', definition: 'd', createdAt: 1 }
  const born = { ...create, status: 'running' as const, owner: 'work_a' }
  const change = {
    ...NO_CHANGE,
    run,
    worker: 'work_a',
    tenant: TENANT,
    create: born,
    fromVersion: 1,
  }
  await stores.runs.commit({ ...change, events: events.map((event) => ({ at: 1, event })) })
  await stores.runs.release(run, { worker: 'work_a', isLost: true })
  const claimed = await stores.runs.claim({ worker: 'work_b', limit: 1, only: [run] })
  expect(claimed.runs).toHaveLength(1)
}

const STEP: RunEvent = { kind: 'step.started', data: { step: 's', attempt: 1 } }
const END: RunEvent = { kind: 'run.completed', data: { output: null, cost: '5' } }
const PARKED: RunPatch = { status: 'waiting', owner: null, wakeAt: null }
const claimed = async (run: string): Promise<number> =>
  (await stores.runs.claim({ worker: 'work_c', limit: 1, only: [run] })).runs.length

describe('of two workers that each take a run for their own, the one that records drives it', () => {
  test('its end is that of the row, though the other has let go of that', async () => {
    await readByTwo('run_a')
    await commit('run_a', { worker: 'work_b', from: 3, patch: PARKED })
    const patch = { status: 'completed', endedAt: 9, cost: toMicroFtns(5n), owner: null } as const
    await commit('run_a', { worker: 'work_a', from: 3, events: [END], patch })
    expect(await stores.runs.findRun(TENANT, 'run_a')).toMatchObject({
      status: 'completed',
      endedAt: 9,
      cost: 5n,
    })
    expect(await claimed('run_a')).toBe(0)
  })

  test('its timer is that of the row, though the other has let go of that', async () => {
    await readByTwo('run_b')
    await commit('run_b', { worker: 'work_b', from: 3, patch: PARKED })
    expect(await claimed('run_b')).toBe(0)
    const patch = { ...PARKED, wakeAt: 1 }
    await commit('run_b', { worker: 'work_a', from: 3, events: [STEP], patch })
    expect(await claimed('run_b')).toBe(1)
  })

  test('the other lets go of what it has not read to the end, and somebody reads it at once', async () => {
    await readByTwo('run_c')
    await commit('run_c', { worker: 'work_a', from: 3, events: [STEP] })
    await commit('run_c', { worker: 'work_b', from: 3, patch: PARKED })
    expect((await stores.runs.findRun(TENANT, 'run_c'))?.status).toBe('running')
    expect(await claimed('run_c')).toBe(1)
  })

  test('while a third one has it, what the first lets go of stays with the third', async () => {
    await readByTwo('run_d')
    await commit('run_d', { worker: 'work_a', from: 3, patch: { ...PARKED, wakeAt: 1 } })
    expect(await claimed('run_d')).toBe(0)
    expect(await stores.runs.listOwned('work_b')).toContain('run_d')
  })
})

/** A run nobody has begun. */
async function queued(run: string): Promise<void> {
  const create = { id: run, tenant: TENANT, name: 'x', definition: 'd', createdAt: 1 }
  const born = { ...create, status: 'queued' as const }
  const change = { ...NO_CHANGE, run, worker: '', tenant: TENANT, create: born, fromVersion: 1 }
  await stores.runs.commit({ ...change, events: [{ at: 1, event: CREATED }] })
}
const signal = (run: string) => ({ id: `sig_${run}`, run, signal: 'go', payload: null, by: 'test' })
const claimOne = async (run: string): Promise<readonly string[]> => {
  const found = await stores.runs.claim({ worker: 'work_a', limit: 9, only: [run] })
  return found.runs.map(({ id }) => id)
}

describe('a run that is claimed and postponed', () => {
  const later = { worker: 'work_a', wakeAt: systemClock.now() + 60_000, isAsked: false }

  test('is claimed when it is time, and not before', async () => {
    await queued('run_later')
    expect(await claimOne('run_later')).toEqual(['run_later'])
    await stores.runs.postpone('run_later', later)
    expect(await claimOne('run_later')).toEqual([])
    await stores.runs.send(signal('run_later'))
    expect(await claimOne('run_later')).toEqual(['run_later'])
    // It has been seen with that signal, and is no different now.
    await stores.runs.postpone('run_later', { ...later, isAsked: true })
    expect(await claimOne('run_later')).toEqual([])
  })

  test('is claimed at once when a signal came meanwhile', async () => {
    await queued('run_asked')
    await claimOne('run_asked')
    await stores.runs.send(signal('run_asked'))
    await stores.runs.postpone('run_asked', { ...later, status: 'scheduled' })
    expect(await claimOne('run_asked')).toEqual(['run_asked'])
  })

  test('stays with whoever has claimed it since', async () => {
    await queued('run_theirs')
    await claimOne('run_theirs')
    await stores.runs.postpone('run_theirs', { ...later, worker: 'work_b' })
    expect(await stores.runs.listOwned('work_a')).toContain('run_theirs')
  })
})

test('a run that is freed between two claims of its worker is claimed once', async () => {
  const run = 'run_twice'
  await queued(run)
  await stores.runs.send(signal(run))
  const { database } = stores.opened
  const racing: Database = {
    ...database,
    async query(statement) {
      const rows = await database.query(statement)
      // Its lease ran out at this moment, and another worker has noticed.
      if (statement.name === 'runs-claim')
        await stores.runs.release(run, { worker: 'work_a', isLost: true })
      return rows as never
    },
  }
  const terms = { worker: 'work_a', limit: 10, fresh: 10, only: [run] }
  const { rows } = await claimRows(racing, terms)
  expect(rows.map(({ id }) => id)).toEqual([run])
})
