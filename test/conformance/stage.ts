import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openPlatform, type Platform } from '../../src/app/compose.ts'
import { config } from '../../src/app/config.ts'
import { bundle } from '../support/bundle.ts'
import { effectKind } from '../support/effect-kind.ts'
import { realSurroundings } from '../support/platform.ts'

/** One way of driving runs, as the suite sees it. */
export interface Stage {
  /** A process that takes no work: it begins runs, asks things of them and looks at them. */
  readonly platform: Platform
  /** Starts a process that works; one at a time. */
  startWorker(): Promise<void>
  /** Ends it by signal 9. */
  killWorker(): Promise<void>
  /** Ends, by signal 9, the server that the host rests on, and sees it back; `undefined`: it is not ours. */
  readonly killServer: (() => Promise<void>) | undefined
  /** Keys under which steps have acted, as often as they did. */
  acts(): Promise<readonly string[]>
  close(): Promise<void>
}

/** What differs between hosts. */
export interface StageOptions {
  readonly settings: Readonly<Record<string, unknown>>
  readonly killServer?: (dataDir: string) => Promise<void>
  readonly cleanUp?: () => Promise<void>
}

/** Opens a stage on a data directory of its own. */
export async function openStage({ settings, killServer, cleanUp }: StageOptions): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'prsm-conformance-'))
  // Long enough for a busy machine: nobody may be taken for dead who is not.
  const all = { dataDir, leaseMs: 2_000, ...settings }
  const acts = join(dataDir, 'acts.log')
  const platform = await openPlatform(config.parse(all), realSurroundings(), {
    worker: 'none',
    kinds: [effectKind(async () => undefined)],
  })
  let worker: ChildProcess | undefined
  const killWorker = async (): Promise<void> => {
    const ending = worker
    worker = undefined
    if (ending !== undefined) await kill(ending)
  }
  return {
    platform,
    async startWorker() {
      worker = await startWorker([JSON.stringify(all), acts])
    },
    killWorker,
    killServer: killServer && (() => killServer(dataDir)),
    async acts() {
      return existsSync(acts) ? (await readFile(acts, 'utf8')).split('\n').filter(Boolean) : []
    },
    async close() {
      await killWorker()
      await platform.close(0)
      await cleanUp?.()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function startWorker(args: readonly string[]): Promise<ChildProcess> {
  const program = await bundle(join(import.meta.dirname, 'worker.ts'))
  const child = fork(program, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('exit', (code) => reject(new Error(`worker exited with ${code}`)))
  })
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit')
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
