import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { z } from 'zod'

import type { Prsm } from '../../src/index.ts'
import { databaseUrl, type LocalPostgres, startLocalPostgres } from '../lib/postgres.ts'
import { loadProduct } from '../lib/product.ts'
import {
  type Bench,
  type BenchContext,
  type Figure,
  figureOf,
  median,
  quantile,
  round,
} from '../lib/report.ts'

import { bareLoop } from './bare-loop.ts'
import { measurePeers } from './peers.ts'
import { withRestate } from './restate-peer.ts'

const IN_FLIGHT = 400
const SECONDS = 5
const ROUNDS = 5
const WARM_UP_MS = 1_500

/** Durable steps a second: 3-step runs whose steps do nothing, 400 of them in flight. */
export const stepsBench: Bench = {
  name: 'steps',
  about:
    'durable steps a second and latency of one step, beside a bare group-commit loop and peers',
  async run(context) {
    const server = await startLocalPostgres()
    try {
      const figures = [
        ...(await onPostgres(server, context)),
        ...(await onEmbedded(context)),
        ...(await onRestate(server, context)),
        await idleStep(context),
      ]
      return figures
    } finally {
      await server?.stop()
    }
  },
}

async function onPostgres(
  server: LocalPostgres | undefined,
  { say }: BenchContext,
): Promise<readonly Figure[]> {
  if (server === undefined) {
    say('no local PostgreSQL: steps_per_s.postgres is left out (apt-get install postgresql)')
    return []
  }
  const ours: number[] = []
  const priced: number[] = []
  const bare: number[] = []
  for (let turn = 0; turn < ROUNDS; turn++) {
    ours.push(await measure({ databaseUrl: await server.createDatabase('prsm_bench') }, 0))
    bare.push(
      await bareLoop(await server.createDatabase('prsm_bare'), {
        inFlight: IN_FLIGHT,
        seconds: SECONDS,
      }),
    )
    priced.push(await measure({ databaseUrl: await server.createDatabase('prsm_priced') }, 1_000))
    say(
      `round ${turn + 1}: ${Math.round(ours.at(-1) ?? 0)} steps/s, paid ${Math.round(priced.at(-1) ?? 0)}, bare loop ${Math.round(bare.at(-1) ?? 0)} on PostgreSQL ${server.version}`,
    )
  }
  const peers = await measurePeers(server, say)
  const common = { unit: 'steps/s', better: 'higher' } as const
  return [
    figureOf(
      {
        metric: 'steps_per_s.postgres',
        ...common,
        baselines: { 'bare-loop': round(median(bare)), ...peers },
      },
      ours,
    ),
    figureOf(
      { metric: 'steps_per_s.postgres.paid', ...common, baselines: { free: round(median(ours)) } },
      priced,
    ),
  ]
}

/** The same runs, driven by a Restate server; their events and money go to PostgreSQL as ever. */
async function onRestate(
  server: LocalPostgres | undefined,
  { say }: BenchContext,
): Promise<readonly Figure[]> {
  if (server === undefined) return []
  const url = await server.createDatabase('prsm_restate')
  const rate = await withRestate(async ({ ingressUrl, adminUrl }) =>
    measure(
      {
        databaseUrl: url,
        workflowHost: 'restate',
        restateUrl: ingressUrl,
        restateAdminUrl: adminUrl,
        restatePort: 0,
      },
      0,
      RESTATE_LOAD,
    ),
  )
  if (rate === undefined) {
    say('no Restate server can be installed: steps_per_s.restate is left out')
    return []
  }
  say(`${Math.round(rate)} steps/s on Restate`)
  return [figureOf({ metric: 'steps_per_s.restate', unit: 'steps/s', better: 'higher' }, [rate])]
}

async function onEmbedded({ say }: BenchContext): Promise<readonly Figure[]> {
  const ours: number[] = []
  const bare: number[] = []
  for (let turn = 0; turn < ROUNDS; turn++) {
    const dataDir = mkdtempSync(join(tmpdir(), 'prsm-bench-'))
    ours.push(await measure({ dataDir }, 0))
    bare.push(await bareOnEmbedded(dataDir))
    rmSync(dataDir, { recursive: true, force: true })
    say(
      `round ${turn + 1}: ${Math.round(ours.at(-1) ?? 0)} steps/s, bare loop ${Math.round(bare.at(-1) ?? 0)} on the embedded database`,
    )
  }
  return [
    figureOf(
      {
        metric: 'steps_per_s.embedded',
        unit: 'steps/s',
        better: 'higher',
        baselines: { 'bare-loop': round(median(bare)) },
      },
      ours,
    ),
  ]
}

/** The bare loop on the embedded server, while PRSM holds it open. */
async function bareOnEmbedded(dataDir: string): Promise<number> {
  const { openPrsm } = await loadProduct()
  const prsm = await openPrsm({ dataDir })
  const { database, url } = prsm.platform.database
  await database.query({ text: 'create database bare' })
  const rate = await bareLoop(databaseUrl(url, 'bare'), { inFlight: IN_FLIGHT, seconds: SECONDS })
  await prsm.close(0)
  return rate
}

interface Load {
  readonly inFlight: number
  readonly seconds: number
}

/** More at once take turns with one another, and none ends within a measurement. */
const RESTATE_LOAD: Load = { inFlight: 20, seconds: 15 }

interface Setting {
  readonly databaseUrl?: string
  readonly dataDir?: string
  readonly workflowHost?: 'restate'
  readonly restateUrl?: string
  readonly restateAdminUrl?: string
  readonly restatePort?: number
}

/** Runs 3-step workflows for a while; gives steps a second. */
async function measure(
  where: Setting,
  tokens: number,
  { inFlight, seconds }: Load = { inFlight: IN_FLIGHT, seconds: SECONDS },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'prsm-bench-data-'))
  const { prsm, runOne } = await openForRuns({ dataDir: folder, ...where }, tokens)
  const state = { done: 0, isOver: false }
  const worker = async (): Promise<void> => {
    while (!state.isOver) {
      await runOne(state.done)
      state.done++
    }
  }
  const workers = Array.from({ length: inFlight }, worker)
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS))
  state.done = 0
  const start = performance.now()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const rate = (3 * state.done) / ((performance.now() - start) / 1_000)
  state.isOver = true
  await Promise.all(workers)
  await prsm.close(0)
  rmSync(folder, { recursive: true, force: true })
  return rate
}

interface Opened {
  readonly prsm: Prsm
  readonly runOne: (n: number) => Promise<unknown>
}

async function openForRuns(where: Setting, tokens: number): Promise<Opened> {
  const product = await loadProduct()
  if (tokens === 0) {
    const flow = product
      .defineWorkflow({ name: 'bench', inputs: z.object({ n: z.number() }) })
      .step('a', { run: async ({ inputs }) => ({ ok: true, n: inputs.n }) })
      .step('b', { needs: ['a'], run: async ({ steps }) => ({ ok: steps.a.ok, step: 'b' }) })
      .step('c', { needs: ['b'], run: async ({ steps }) => ({ ok: steps.b.ok, step: 'c' }) })
      .build()
    const prsm = await product.openPrsm({ ...where, claims: false, workflows: [flow] })
    return { prsm, runOne: (n) => prsm.run(flow, { n }) }
  }
  const usage = [
    {
      resource: 'model_inference_tokens',
      model: 'builtin:x',
      inputTokens: tokens,
      outputTokens: 0,
    },
  ] as const
  const kind = product.defineStepKind({
    name: 'paid',
    summary: 'Does nothing and costs something.',
    with: z.strictObject({}),
    expect: () => usage,
    bound: () => usage,
    run: async () => ({ output: { ok: true }, usage }),
  })
  const definition = {
    apiVersion: 'prsm/v1',
    name: 'bench-paid',
    steps: {
      a: { uses: 'paid' },
      b: { uses: 'paid', needs: 'a' },
      c: { uses: 'paid', needs: 'b' },
    },
  }
  const prsm = await product.openPrsm({
    ...where,
    welcomeGrant: '1000000000 FTNS',
    claims: false,
    kinds: [kind],
  })
  const { workflows, config } = prsm.platform
  return {
    prsm,
    async runOne() {
      const { id } = await workflows.submit({ tenant: config.tenant, definition, inputs: {} })
      return prsm.result(id)
    },
  }
}

/** Latency of one step on an idle system: a run of two steps less a run of one. */
async function idleStep({ say }: BenchContext): Promise<Figure> {
  const { openPrsm, defineWorkflow } = await loadProduct()
  const dataDir = mkdtempSync(join(tmpdir(), 'prsm-bench-'))
  const flow = defineWorkflow({ name: 'idle', inputs: z.object({}) })
    .step('a', { run: async () => performance.now() })
    .step('b', { needs: ['a'], run: async ({ steps }) => performance.now() - steps.a })
    .build()
  const prsm = await openPrsm({ dataDir, claims: false, workflows: [flow] })
  const latencies: number[] = []
  for (let n = 0; n < 300; n++) {
    const output = (await prsm.run(flow, {})) as { readonly b: number }
    if (n >= 50) latencies.push(output.b)
  }
  await prsm.close(0)
  rmSync(dataDir, { recursive: true, force: true })
  say(
    `one step on an idle embedded database: p50 ${round(median(latencies))} ms, p99 ${round(quantile(latencies, 0.99))} ms`,
  )
  return {
    metric: 'idle_step_p50_ms',
    value: round(median(latencies)),
    unit: 'ms',
    better: 'lower',
    n: latencies.length,
    interval: [round(Math.min(...latencies)), round(quantile(latencies, 0.99))],
  }
}
