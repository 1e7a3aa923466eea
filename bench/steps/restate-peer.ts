import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { runPeer } from '../lib/peers.ts'
import { freePort } from '../lib/postgres.ts'
import { createRestateProcess, installRestate, type RestateServer } from '../lib/restate.ts'

import { ARGS, LOOP, type PeerResult } from './peer-loop.ts'

/** Does `work` with a Restate server of its own; `undefined` when none can be installed. */
export async function withRestate<Value>(
  work: (server: RestateServer, folder: string) => Promise<Value>,
): Promise<Value | undefined> {
  const folder = installRestate()
  if (folder === undefined) return undefined
  const data = mkdtempSync(join(tmpdir(), 'prsm-bench-restate-'))
  const server = await createRestateProcess(folder, data)
  await server.start()
  try {
    return await work(server, folder)
  } finally {
    await server.kill()
    rmSync(data, { recursive: true, force: true })
  }
}

/** Its own SDK, without PRSM: a workflow of three recorded steps, called over HTTP. */
export function measureRestate(): Promise<PeerResult | undefined> {
  return withRestate(async ({ ingressUrl, adminUrl }, folder) => {
    const port = String(await freePort())
    return runPeer<PeerResult>(folder, {
      script: SCRIPT,
      args: [ingressUrl, adminUrl, port, ...ARGS],
      timeoutMs: 60_000,
    })
  })
}

const SCRIPT = `${LOOP}
import { createServer } from 'node:http2'
Promise.withResolvers ??= function () { let resolve, reject; const promise = new Promise((a, b) => { resolve = a; reject = b }); return { promise, resolve, reject } }
const [ingress, admin, port] = process.argv.slice(2)
const restate = await import('@restatedev/restate-sdk')
const flow = restate.service({ name: 'flow', handlers: { async run(ctx) {
  const a = await ctx.run('a', async () => ({ ok: true }))
  const b = await ctx.run('b', async () => ({ ok: a.ok }))
  return ctx.run('c', async () => ({ ok: b.ok }))
} } })
createServer(restate.createEndpointHandler({ services: [flow], logger: () => {} })).listen(Number(port), '127.0.0.1')
const post = (url, body) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
await post(admin + '/deployments', { uri: 'http://127.0.0.1:' + port })
await drive(async () => (await post(ingress + '/flow/run', {})).json())
`
