import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openDatabase } from '../../src/platform/sql/database.ts'
import { claimRows } from '../../src/workflow/host/claim-sql.ts'
import { type LocalPostgres, startLocalPostgres } from '../lib/postgres.ts'
import {
  type Bench,
  type BenchContext,
  type Figure,
  figureOf,
  median,
  quantile,
  round,
} from '../lib/report.ts'
import { openThreeSteps } from '../lib/three-steps.ts'

import { fillFinishedRuns, fillQueue } from './finished-runs.ts'
import { storage } from './storage.ts'

/** What gets slower as there is more: runs under way, and finished runs in the tables. */
export const growthBench: Bench = {
  name: 'growth',
  about: 'steps at 1 to 1,000 concurrent runs; claiming beside 1,000,000 finished runs',
  async run(context) {
    const server = await startLocalPostgres()
    if (server === undefined) {
      context.say('no local PostgreSQL: nothing is measured (apt-get install postgresql)')
      return []
    }
    try {
      const fill = (url: string): Promise<unknown> =>
        loaded(url, 100, context.isQuick ? 2_000 : 10_000)
      return [
        ...(await storage(server, context, fill)),
        ...(await concurrency(server, context)),
        ...(await finished(server, context)),
      ]
    } finally {
      await server.stop()
    }
  },
}

async function concurrency(
  server: LocalPostgres,
  { say, isQuick }: BenchContext,
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const inFlight of [1, 10, 100, 1_000]) {
    const rates: number[] = []
    const middle: number[] = []
    const slow: number[] = []
    for (let turn = 0; turn < (isQuick ? 1 : 3); turn++) {
      const url = await server.createDatabase('prsm_growth')
      const { stepsPerS, gapsMs } = await loaded(url, inFlight, isQuick ? 1_000 : 4_000)
      rates.push(stepsPerS)
      middle.push(median(gapsMs))
      slow.push(quantile(gapsMs, 0.99))
    }
    say(
      `${inFlight} at once: ${round(median(rates))} steps/s, p50 ${round(median(middle))} ms, p99 ${round(median(slow))} ms`,
    )
    figures.push(
      figureOf({ metric: `steps_per_s.c${inFlight}`, unit: 'steps/s', better: 'higher' }, rates),
      figureOf({ metric: `step_p50_ms.c${inFlight}`, unit: 'ms', better: 'lower' }, middle),
      figureOf({ metric: `step_p99_ms.c${inFlight}`, unit: 'ms', better: 'lower' }, slow),
    )
  }
  return figures
}

async function loaded(
  databaseUrl: string,
  inFlight: number,
  ms: number,
): Promise<{ readonly stepsPerS: number; readonly gapsMs: readonly number[] }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'prsm-growth-'))
  const { prsm, load } = await openThreeSteps({ databaseUrl, dataDir })
  const result = await load({ inFlight, warmUpMs: ms / 3, ms })
  await prsm.close(0)
  rmSync(dataDir, { recursive: true, force: true })
  return result
}

/** Claims measured in a turn, and runs taken by each. */
const CLAIMS = 200
const TAKEN = 10

async function finished(
  server: LocalPostgres,
  { say, isQuick }: BenchContext,
): Promise<readonly Figure[]> {
  const runs = isQuick ? 50_000 : 1_000_000
  const turns = isQuick ? 2 : 5
  const places = {
    empty: await server.createDatabase('prsm_empty'),
    full: await server.createDatabase('prsm_full'),
  }
  for (const url of Object.values(places)) {
    await loaded(url, 1, 100)
    await fillQueue(url, turns * CLAIMS * TAKEN)
  }
  const filling = performance.now()
  await fillFinishedRuns(places.full, runs)
  say(`${runs} finished runs put in within ${round((performance.now() - filling) / 1_000)} s`)
  const claims = { empty: [] as number[], full: [] as number[] }
  const rates = { empty: [] as number[], full: [] as number[] }
  for (let turn = 0; turn < turns; turn++) {
    for (const place of ['empty', 'full'] as const) {
      claims[place].push(quantile(await timeClaims(places[place]), 0.99))
    }
  }
  for (let turn = 0; turn < Math.min(3, turns); turn++) {
    for (const place of ['empty', 'full'] as const) {
      rates[place].push((await loaded(places[place], 100, isQuick ? 1_000 : 4_000)).stepsPerS)
    }
  }
  const growth = claims.full.map((ms, turn) => ms / (claims.empty[turn] ?? Number.NaN))
  const name = isQuick ? '50k_finished' : '1m_finished'
  say(
    `claim p99 ${round(median(claims.empty))} ms, beside finished runs ${round(median(claims.full))} ms`,
  )
  return [
    figureOf(
      {
        metric: `claim_p99_ms.${name}`,
        unit: 'ms',
        better: 'lower',
        baselines: { 'empty-tables': round(median(claims.empty)) },
      },
      claims.full,
    ),
    figureOf({ metric: `claim_p99_growth.${name}`, unit: '×', better: 'lower' }, growth),
    figureOf(
      {
        metric: `steps_per_s.c100.${name}`,
        unit: 'steps/s',
        better: 'higher',
        baselines: { 'empty-tables': round(median(rates.empty)) },
      },
      rates.full,
    ),
  ]
}

/** How long each claim of a few queued runs takes, milliseconds. */
async function timeClaims(url: string): Promise<readonly number[]> {
  const target = { connectionString: url }
  const database = await openDatabase({ target, clock: systemClock, log: silentLog, poolSize: 2 })
  const times: number[] = []
  for (let n = 0; n < CLAIMS; n++) {
    const start = performance.now()
    const { rows } = await claimRows(database, { worker: 'bench', limit: TAKEN, only: null })
    times.push(performance.now() - start)
    if (rows.length !== TAKEN) throw new Error(`claimed ${rows.length} of ${TAKEN}`)
  }
  await database.close()
  return times
}
