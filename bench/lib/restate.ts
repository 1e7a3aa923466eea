import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { installPeer } from './peers.ts'
import { freePort } from './postgres.ts'

/** Versions that are run here; the server is far too large to come with PRSM. */
const PACKAGES = {
  '@restatedev/restate-server': '1.7.12',
  '@restatedev/restate-sdk': '1.17.2',
} as const

/** A Restate server in a process of its own. */
export interface RestateServer {
  readonly ingressUrl: string
  readonly adminUrl: string
  /** Starts it, or starts it again on what it has kept. */
  start(): Promise<void>
  /** Ends it at once, by signal 9 unless another is named. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** Installs server and SDK from npm, once; gives their folder, or `undefined` when that fails. */
export function installRestate(): string | undefined {
  return installPeer('restate', PACKAGES)
}

/** Prepares a server that keeps its state in `dataDir`; `more` are settings of its own. */
export async function createRestateProcess(
  folder: string,
  dataDir: string,
  more: Readonly<Record<string, string>> = {},
): Promise<RestateServer> {
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()]
  const home = join(folder, 'node_modules/@restatedev')
  const platform = readdirSync(home).find((name) => name.startsWith('restate-server-')) ?? ''
  const binary = join(home, platform, 'bin/restate-server')
  const adminUrl = `http://127.0.0.1:${admin}`
  const ingressUrl = `http://127.0.0.1:${ingress}`
  const env = {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '256MB',
    ...more,
  }
  const args = ['--no-logo', '--listen-mode', 'tcp', '--default-num-partitions', '4']
  let child: ChildProcess | undefined
  return {
    ingressUrl,
    adminUrl,
    async start() {
      child = spawn(binary, [...args, '--node-name', 'one', '--base-dir', dataDir], {
        env,
        stdio: 'ignore',
      })
      await untilHealthy([`${adminUrl}/health`, `${ingressUrl}/restate/health`])
    },
    async kill(signal = 'SIGKILL') {
      const ending = child
      child = undefined
      if (ending === undefined) return
      const gone = new Promise((resolve) => ending.once('exit', resolve))
      ending.kill(signal)
      await gone
    },
  }
}

async function untilHealthy(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    for (let tries = 0; ; tries++) {
      const isWell = await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isWell) break
      if (tries === 300) throw new Error(`no answer from ${url}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
