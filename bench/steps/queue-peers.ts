import { installPeer, runPeer } from '../lib/peers.ts'
import type { LocalPostgres } from '../lib/postgres.ts'

import { ARGS, LOOP, type PeerResult } from './peer-loop.ts'

// These keep jobs, not workflows: each step is a job that sends the next one.

/** It looks for jobs every half second, which is as often as it can be told to. */
export async function measurePgBoss(server: LocalPostgres): Promise<PeerResult | undefined> {
  const folder = installPeer('pg-boss', { 'pg-boss': '12.35.0' })
  if (folder === undefined) return undefined
  const url = await server.createDatabase('peer_pgboss')
  const script = `${LOOP}
import { PgBoss } from 'pg-boss'
const boss = new PgBoss({ connectionString: process.argv[2], supervise: false, schedule: false })
boss.on('error', () => undefined)
await boss.start()
const waiting = new Map()
for (const [name, next] of [['a', 'b'], ['b', 'c'], ['c', undefined]]) {
  await boss.createQueue(name)
  await boss.work(name, { batchSize: 200, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    if (next !== undefined) await Promise.all(jobs.map(({ data }) => boss.send(next, data)))
    else for (const { data } of jobs) waiting.get(data.n)?.()
  })
}
let last = 0
await drive(async () => {
  const n = ++last
  const ended = new Promise((resolve) => waiting.set(n, resolve))
  await boss.send('a', { n })
  await ended
  waiting.delete(n)
})
`
  return runPeer<PeerResult>(folder, { script, args: [url, ...ARGS], timeoutMs: 60_000 })
}

/** Jobs by `LISTEN`, 100 at once. */
export async function measureGraphileWorker(
  server: LocalPostgres,
): Promise<PeerResult | undefined> {
  const folder = installPeer('graphile-worker', { 'graphile-worker': '0.18.0' })
  if (folder === undefined) return undefined
  const url = await server.createDatabase('peer_graphile')
  const script = `${LOOP}
import { Logger, run } from 'graphile-worker'
const waiting = new Map()
const quiet = new Logger(() => () => undefined)
const next = (name) => async (data, { addJob }) => { await addJob(name, data) }
const runner = await run({
  connectionString: process.argv[2], concurrency: 100, noHandleSignals: true, logger: quiet, maxPoolSize: 20,
  taskList: { a: next('b'), b: next('c'), c: async ({ n }) => waiting.get(n)?.() },
})
let last = 0
await drive(async () => {
  const n = ++last
  const ended = new Promise((resolve) => waiting.set(n, resolve))
  await runner.addJob('a', { n })
  await ended
  waiting.delete(n)
})
`
  return runPeer<PeerResult>(folder, { script, args: [url, ...ARGS], timeoutMs: 60_000 })
}
