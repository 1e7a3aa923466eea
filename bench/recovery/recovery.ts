import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { insertStatement, wakeStatement } from '../../src/workflow/host/run-writers-sql.ts'
import { type LocalPostgres, query, startLocalPostgres } from '../lib/postgres.ts'
import {
  type Bench,
  type BenchContext,
  type Figure,
  figureOf,
  median,
  round,
} from '../lib/report.ts'
import { startWorker } from '../lib/worker-process.ts'

import { bareTakeUp } from './bare-take-up.ts'
import { recoverDbos } from './dbos.ts'

/** The lease of a worker as it is by default, milliseconds. */
const LEASE_MS = 15_000

/** How long runs stand still when a worker is killed. */
export const recoveryBench: Bench = {
  name: 'recovery',
  about: 'kill -9 of a worker with 10,000 runs in flight: until all have gone on on another one',
  async run(context) {
    const server = await startLocalPostgres()
    if (server === undefined) {
      context.say('no local PostgreSQL: nothing is measured (apt-get install postgresql)')
      return []
    }
    try {
      return await measure(server, context)
    } finally {
      await server.stop()
    }
  },
}

async function measure(
  server: LocalPostgres,
  { say, isQuick }: BenchContext,
): Promise<readonly Figure[]> {
  const runs = isQuick ? 1_000 : 10_000
  const rounds = isQuick ? 1 : 3
  const whole: number[] = []
  const afterLease: number[] = []
  const bare: number[] = []
  for (let turn = 0; turn < rounds; turn++) {
    const taken = await killAndRecover(await server.createDatabase('prsm_recovery'), runs)
    whole.push(taken.wholeS)
    afterLease.push(taken.afterLeaseS)
    bare.push(await bareTakeUp(await server.createDatabase('prsm_bare_recovery'), runs))
    say(
      `round ${turn + 1}: ${round(taken.wholeS)} s, ${round(taken.afterLeaseS)} s of them after the lease; bare loop ${round(bare.at(-1) ?? 0)} s`,
    )
  }
  const dbosRuns = isQuick ? 100 : 1_000
  const dbos = await recoverDbos(server, dbosRuns)
  if (dbos === undefined) say('dbos: left out, it cannot be installed or run here')
  else say(`dbos: ${round(dbos)} s for ${dbosRuns} runs`)
  const suffix = isQuick ? '_quick' : ''
  const common = { unit: 's', better: 'lower' } as const
  return [
    figureOf(
      {
        metric: `seconds_10k_runs${suffix}`,
        ...common,
        baselines: {
          'bare-loop': round(median(bare)),
          ...(dbos !== undefined && { [`dbos-${dbosRuns}-runs`]: round(dbos) }),
        },
      },
      whole,
    ),
    figureOf({ metric: `seconds_10k_runs.after_lease${suffix}`, ...common }, afterLease),
  ]
}

interface Recovery {
  /** From the kill to the end of the last run, seconds. */
  readonly wholeS: number
  /** What of it is left when the silent worker is given up for dead. */
  readonly afterLeaseS: number
}

/** Half of the runs are in the middle of a step; the others wait for a signal, which comes while no worker lives. */
async function killAndRecover(databaseUrl: string, runs: number): Promise<Recovery> {
  const dataDir = mkdtempSync(join(tmpdir(), 'prsm-recovery-'))
  const options = { databaseUrl, dataDir, maxRuns: runs + 1_000, slots: runs, leaseMs: LEASE_MS }
  const first = await startWorker({ ...options, isHolding: true })
  await first.ask({ kind: 'begin', flow: 'holding', count: runs / 2 })
  await first.ask({ kind: 'begin', flow: 'waiting', count: runs / 2 })
  await untilCount(databaseUrl, runs / 2, HOLDING)
  await untilCount(databaseUrl, runs / 2, WAITING)
  const [lease] = await query<{ left_ms: number }>(databaseUrl, LEASE_LEFT)
  const start = performance.now()
  await first.kill()
  await signalAll(databaseUrl)
  const second = await startWorker(options)
  await untilCount(databaseUrl, runs, COMPLETED)
  const wholeMs = performance.now() - start
  await second.close()
  rmSync(dataDir, { recursive: true, force: true })
  return { wholeS: wholeMs / 1_000, afterLeaseS: (wholeMs - (lease?.left_ms ?? 0)) / 1_000 }
}

const HOLDING = `select count(*)::int as n from events where kind = 'step.started' and data ->> 'step' = 'b'`
const WAITING = `select count(*)::int as n from runs where status = 'waiting' and owner is null`
const COMPLETED = `select count(*)::int as n from runs where status = 'completed'`
const LEASE_LEFT = `select extract(epoch from max(expires_at) - clock_timestamp()) * 1000 as left_ms from workers`

async function untilCount(url: string, wanted: number, sql: string): Promise<void> {
  for (;;) {
    const [row] = await query<{ n: number }>(url, sql)
    if ((row?.n ?? 0) >= wanted) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A signal for each run that waits for one, as another process would send it. */
async function signalAll(url: string): Promise<void> {
  const waiting = await query<{ id: string }>(url, `select id from runs where status = 'waiting'`)
  const signals = waiting.map(({ id }) => ({
    id: `go:${id}`,
    run: id,
    signal: 'go',
    payload: null,
    by: 'bench',
  }))
  await query(url, wakeStatement(signals))
  await query(url, insertStatement(signals))
}
