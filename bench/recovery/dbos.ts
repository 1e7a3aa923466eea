import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { DBOS_PACKAGES, installPeer } from '../lib/peers.ts'
import type { LocalPostgres } from '../lib/postgres.ts'

/**
 * The same with DBOS Transact: workflows in the middle of a step, their process killed, another one
 * started, which takes up what its predecessor of the same name left. It waits for no lease.
 *
 * @returns seconds from the kill to the end of the last one; `undefined` when it cannot be run.
 */
export async function recoverDbos(
  server: LocalPostgres,
  runs: number,
): Promise<number | undefined> {
  const folder = installPeer('dbos', DBOS_PACKAGES)
  if (folder === undefined) return undefined
  const url = await server.createDatabase('peer_dbos_recovery')
  const file = join(folder, 'recovery.mjs')
  writeFileSync(file, SCRIPT)
  const isHolding = await untilDone(file, [url, 'hold', String(runs)])
  if (!isHolding) return undefined
  const start = performance.now()
  const isDone = await untilDone(file, [url, 'go', String(runs)])
  return isDone ? (performance.now() - start) / 1_000 : undefined
}

/** Runs the script until it says that it is done, and kills it then. */
async function untilDone(file: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
  const isDone = await new Promise<boolean>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('done')) resolve(true)
    })
    child.once('exit', () => resolve(false))
  })
  clearTimeout(timer)
  child.kill('SIGKILL')
  return isDone
}

const SCRIPT = `
import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
const [url, mode, count] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 20 })
DBOS.setConfig({ name: 'bench', systemDatabasePool: pool, systemDatabaseUrl: url, logLevel: 'error', runAdminServer: false, applicationVersion: '1' })
let holding = 0
const flow = DBOS.registerWorkflow(async () => {
  await DBOS.runStep(async () => ({ ok: true }), { name: 'a' })
  return DBOS.runStep(async () => {
    holding++
    return mode === 'hold' ? new Promise(() => {}) : { ok: true }
  }, { name: 'b' })
}, { name: 'flow' })
await DBOS.launch()
const wait = () => new Promise((resolve) => setTimeout(resolve, 50))
if (mode === 'hold') {
  await Promise.all(Array.from({ length: Number(count) }, () => DBOS.startWorkflow(flow)()))
  while (holding < Number(count)) await wait()
} else {
  for (;;) {
    const { rows } = await pool.query("select count(*)::int as n from dbos.workflow_status where status = 'SUCCESS'")
    if (rows[0].n >= Number(count)) break
    await wait()
  }
}
console.log('done')
setInterval(() => {}, 1000)
`
