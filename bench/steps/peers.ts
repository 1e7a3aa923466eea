import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DBOS_PACKAGES, installPeer, runPeer } from '../lib/peers.ts'
import { freePort, type LocalPostgres } from '../lib/postgres.ts'
import { round } from '../lib/report.ts'

import { ARGS, LOOP, type PeerResult } from './peer-loop.ts'
import { measureGraphileWorker, measurePgBoss } from './queue-peers.ts'
import { measureRestate } from './restate-peer.ts'

/** The same 3-step work done by other engines, each in a process of its own, on the same server. */
export async function measurePeers(
  server: LocalPostgres,
  say: (line: string) => void,
): Promise<Readonly<Record<string, number>>> {
  const results: Record<string, number> = {}
  const peers: readonly (readonly [string, () => Promise<PeerResult | undefined>])[] = [
    ['dbos', () => measureDbos(server)],
    ['openworkflow', () => measureOpenWorkflow(server)],
    ['bullmq', measureBullMq],
    ['restate', measureRestate],
    ['pg-boss', () => measurePgBoss(server)],
    ['graphile-worker', () => measureGraphileWorker(server)],
  ]
  for (const [name, measure] of peers) {
    const result = await measure()
    if (result === undefined) say(`${name}: left out, it cannot be installed or run here`)
    else {
      results[name] = round(result.stepsPerS)
      say(`${name}: ${round(result.stepsPerS)} steps/s`)
    }
  }
  return results
}

async function measureDbos(server: LocalPostgres): Promise<PeerResult | undefined> {
  const folder = installPeer('dbos', DBOS_PACKAGES)
  if (folder === undefined) return undefined
  const url = await server.createDatabase('peer_dbos')
  const script = `${LOOP}
import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
const pool = new pg.Pool({ connectionString: process.argv[2], max: 20 })
DBOS.setConfig({ name: 'bench', systemDatabasePool: pool, systemDatabaseUrl: process.argv[2], logLevel: 'error', runAdminServer: false })
const flow = DBOS.registerWorkflow(async (n) => {
  const a = await DBOS.runStep(async () => ({ ok: true, n }), { name: 'a' })
  const b = await DBOS.runStep(async () => ({ ok: a.ok, step: 'b' }), { name: 'b' })
  return DBOS.runStep(async () => ({ ok: b.ok, step: 'c' }), { name: 'c' })
}, { name: 'flow' })
await DBOS.launch()
await drive(() => flow(1))
`
  return runPeer<PeerResult>(folder, { script, args: [url, ...ARGS], timeoutMs: 60_000 })
}

async function measureOpenWorkflow(server: LocalPostgres): Promise<PeerResult | undefined> {
  const folder = installPeer('openworkflow', { openworkflow: '0.10.1', postgres: '3.4.9' })
  if (folder === undefined) return undefined
  const url = await server.createDatabase('peer_openworkflow')
  const script = `${LOOP}
import { OpenWorkflow } from 'openworkflow'
import { BackendPostgres } from 'openworkflow/postgres'
const backend = await BackendPostgres.connect(process.argv[2])
const ow = new OpenWorkflow({ backend })
const flow = ow.defineWorkflow({ name: 'flow' }, async ({ step }) => {
  const a = await step.run({ name: 'a' }, async () => ({ ok: true }))
  const b = await step.run({ name: 'b' }, async () => ({ ok: a.ok }))
  return step.run({ name: 'c' }, async () => ({ ok: b.ok }))
})
const worker = ow.newWorker({ concurrency: 100 })
await worker.start()
await drive(async () => (await flow.run({})).result())
`
  return runPeer<PeerResult>(folder, { script, args: [url, ...ARGS], timeoutMs: 60_000 })
}

async function measureBullMq(): Promise<PeerResult | undefined> {
  const redis = findRedis()
  if (redis === undefined) return undefined
  const folder = installPeer('bullmq', { bullmq: '6.7.0', ioredis: '6.0.0' })
  if (folder === undefined) return undefined
  const data = mkdtempSync(join(tmpdir(), 'prsm-bench-redis-'))
  const port = String(await freePort())
  const server = spawn(
    redis,
    [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--dir',
      data,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ],
    { stdio: 'ignore' },
  )
  await new Promise((resolve) => setTimeout(resolve, 500))
  const script = `${LOOP}
import { Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
const connect = () => new Redis(Number(process.argv[2]), '127.0.0.1', { maxRetriesPerRequest: null })
const queue = new Queue('flow', { connection: connect() })
const events = new QueueEvents('flow', { connection: connect() })
await events.waitUntilReady()
new Worker('flow', async (job) => {
  const data = { ...job.data }
  for (const name of ['a', 'b', 'c']) { data[name] = { ok: true }; await job.updateData(data) }
  return data.c
}, { connection: connect(), concurrency: 100 })
await drive(async () => (await queue.add('run', {})).waitUntilFinished(events))
`
  const result = await runPeer<PeerResult>(folder, {
    script,
    args: [port, ...ARGS],
    timeoutMs: 60_000,
  })
  server.kill('SIGTERM')
  await new Promise((resolve) => server.once('exit', resolve))
  rmSync(data, { recursive: true, force: true })
  return result
}

function findRedis(): string | undefined {
  try {
    return execFileSync('which', ['redis-server']).toString().trim()
  } catch {
    return undefined
  }
}
