import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'

import { type LocalPostgres, query, startLocalPostgres } from '../lib/postgres.ts'
import {
  type Bench,
  type BenchContext,
  type Figure,
  figureOf,
  median,
  round,
} from '../lib/report.ts'
import { type FlowName, WAIT_MS } from '../lib/worker-flows.ts'
import { startWorker } from '../lib/worker-process.ts'

import { queueCopies, release } from './queue-runs.ts'

/** What more worker processes on one database give. */
export const workersBench: Bench = {
  name: 'workers',
  about: 'the same queued work with 1, 2 and 4 worker processes on one PostgreSQL; cost of a step',
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

const COUNTS = [1, 2, 4] as const

/** Work of one kind. */
interface Load {
  /** Ends the names of its metrics. */
  readonly suffix: string
  readonly about: string
  readonly flow: FlowName
  readonly tenants: number
  readonly runs: number
  readonly slots?: number
}

function loadsOf(isQuick: boolean): readonly Load[] {
  const runs = isQuick ? 1_000 : 10_000
  return [
    { suffix: '', about: 'steps that do nothing', flow: 'three', tenants: 1, runs },
    { suffix: '.tenants', about: 'the same of 16 tenants', flow: 'three', tenants: 16, runs },
    {
      suffix: '.waits',
      about: `steps that wait ${WAIT_MS} ms for somebody else, 16 at once in each worker`,
      flow: 'waits',
      tenants: 1,
      runs: isQuick ? 100 : 1_000,
      slots: 16,
    },
  ]
}

async function measure(
  server: LocalPostgres,
  { say, isQuick }: BenchContext,
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const load of loadsOf(isQuick)) {
    const samples = new Map<number, Sample[]>(COUNTS.map((count) => [count, []]))
    for (let turn = 0; turn < (isQuick ? 1 : 3); turn++) {
      for (const count of COUNTS) {
        const sample = await drain(await server.createDatabase('prsm_workers'), load, count)
        samples.get(count)?.push(sample)
        say(`${load.about}, ${count} workers: ${told(sample)}`)
      }
    }
    const one = median((samples.get(1) ?? []).map(({ stepsPerS }) => stepsPerS))
    for (const count of COUNTS) {
      figures.push(...figuresOf(`w${count}${load.suffix}`, samples.get(count) ?? [], count * one))
    }
  }
  return figures
}

const told = (sample: Sample): string =>
  `${round(sample.stepsPerS)} steps/s; a step costs ${round(sample.databaseMs)} ms of CPU in the database and ${round(sample.workerMs)} ms in workers; ${round(sample.commitsPerS)} commits/s of ${round(sample.stepsPerCommit)} steps`

/** What draining the queue showed. */
interface Sample {
  readonly stepsPerS: number
  /** CPU that the server's processes used for one step, milliseconds. */
  readonly databaseMs: number
  readonly workerMs: number
  readonly commitsPerS: number
  readonly stepsPerCommit: number
}

/** `linear`: steps a second if more workers did as much more as they are. */
function figuresOf(name: string, samples: readonly Sample[], linear: number): readonly Figure[] {
  const of = (pick: (sample: Sample) => number): readonly number[] => samples.map(pick)
  return [
    figureOf(
      { metric: `steps_per_s.${name}`, unit: 'steps/s', better: 'higher' },
      of(({ stepsPerS }) => stepsPerS),
    ),
    figureOf(
      { metric: `share_of_linear.${name}`, unit: 'share', better: 'higher' },
      of(({ stepsPerS }) => stepsPerS / linear),
    ),
    figureOf(
      { metric: `database_cpu_ms_per_step.${name}`, unit: 'ms', better: 'lower' },
      of(({ databaseMs }) => databaseMs),
    ),
    figureOf(
      { metric: `worker_cpu_ms_per_step.${name}`, unit: 'ms', better: 'lower' },
      of(({ workerMs }) => workerMs),
    ),
    figureOf(
      { metric: `steps_per_commit.${name}`, unit: 'steps', better: 'higher' },
      of(({ stepsPerCommit }) => stepsPerCommit),
    ),
  ]
}

/** Queues runs of three steps that nobody may take, and lets so many workers take them at once. */
async function drain(databaseUrl: string, load: Load, count: number): Promise<Sample> {
  const { runs, tenants, flow, slots } = load
  const dataDir = mkdtempSync(join(tmpdir(), 'prsm-workers-'))
  const options = { databaseUrl, dataDir, ...(slots !== undefined && { slots }) }
  const [first, ...others] = [
    await startWorker(options),
    ...(await Promise.all(Array.from({ length: count - 1 }, () => startWorker(options)))),
  ]
  await first.ask({ kind: 'begin', flow, count: 1 })
  await untilEnded(databaseUrl, 1)
  await queueCopies(databaseUrl, { runs, tenants })
  const workers = [first, ...others]
  const usage = async (): Promise<Usage> => {
    const answers = await Promise.all(workers.map((worker) => worker.ask({ kind: 'usage' })))
    const workerMs = answers.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
    return { workerMs, ...(await databaseUsage(databaseUrl)) }
  }
  const before = await usage()
  const start = performance.now()
  await release(databaseUrl)
  await untilEnded(databaseUrl, runs + 1)
  const seconds = (performance.now() - start) / 1_000
  const after = await usage()
  await Promise.all(workers.map((worker) => worker.close()))
  rmSync(dataDir, { recursive: true, force: true })
  const steps = 3 * runs
  const commits = after.commits - before.commits
  return {
    stepsPerS: steps / seconds,
    databaseMs: (after.databaseMs - before.databaseMs) / steps,
    workerMs: (after.workerMs - before.workerMs) / steps,
    commitsPerS: commits / seconds,
    stepsPerCommit: steps / commits,
  }
}

interface Usage {
  readonly workerMs: number
  /** CPU of the processes that serve this database, milliseconds. */
  readonly databaseMs: number
  readonly commits: number
}

/** Read on a connection of its own, whose few commits are counted too. */
async function databaseUsage(url: string): Promise<Omit<Usage, 'workerMs'>> {
  const backends = await query<{ pid: number }>(
    url,
    `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      or backend_type in ('walwriter', 'checkpointer', 'background writer')`,
  )
  const [row] = await query<{ commits: bigint }>(
    url,
    'select xact_commit as commits from pg_stat_database where datname = current_database()',
  )
  const databaseMs = backends.reduce((sum, { pid }) => sum + cpuOf(pid), 0)
  return { databaseMs, commits: Number(row?.commits ?? 0) }
}

/** CPU a process has used, milliseconds; Linux, where a clock tick is a hundredth of a second. */
function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}

async function untilEnded(url: string, runs: number): Promise<void> {
  const client = new Client(url)
  await client.connect()
  const left = async (): Promise<number> => {
    const { rows } = await client.query<{ n: number }>(
      'select count(*)::int as n from runs where ended_ms is not null',
    )
    return runs - (rows[0]?.n ?? 0)
  }
  while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  await client.end()
}
