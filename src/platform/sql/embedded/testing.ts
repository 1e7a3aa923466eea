import { execFileSync, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { Client, type ClientConfig } from 'pg'
import { afterAll, afterEach, beforeAll } from 'vitest'

import { bundle } from '../../../../test/support/bundle.ts'
import type { Json } from '../../../kernel/json.ts'
import { silentLog } from '../../../kernel/log.ts'
import { present } from '../../../kernel/present.ts'
import { systemClock } from '../../clock.ts'

import { prepareHome } from './data-home.ts'
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from './embedded-postgres.ts'
import { findEngine } from './engine-package.ts'
import { packageRoot } from './package-root.ts'
import { serverPid } from './pid-file.ts'
import { poll } from './poll.ts'
import { type Attendance, attendance } from './processes.ts'

/** A user without an entry in the password file. */
export const STRANGER = { uid: 12_345, gid: 12_345 }

/** Whether the suite may act as other users. */
export const IS_ROOT = process.geteuid?.() === 0

/** Opens the server of `dataDir` in this process. */
export function openHere(
  dataDir: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  return openEmbeddedPostgres({ dataDir, log: silentLog, clock: systemClock, ...options })
}

/** The rows of one statement, on a connection of its own. */
export async function query(connection: ClientConfig, sql: string): Promise<readonly unknown[]> {
  const client = new Client(connection)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Looks every 10 ms until `look` gives something, for at most `limitMs`. */
export async function until<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
  limitMs = 10_000,
): Promise<Value> {
  const found = await poll({ clock: systemClock, everyMs: 10, limitMs }, async () => look())
  return present(found, `what was waited for: ${look.toString()}`)
}

/** Temporary folders and processes; they end with the test, and no server may be left by then. */
export interface Workplace {
  /** A new, empty folder that every user may enter and change. */
  folder(): string
  /** Such a folder with a data directory that no server has started in. */
  dataDir(): Promise<string>
  /** Starts a process that uses the embedded server. */
  child(options?: SpawnOptions): Child
}

/** A workplace that is cleared after each test of the file. */
export function useWorkplace(): Workplace {
  const folders: string[] = []
  const children: Child[] = []
  let seed: string | undefined
  let program = ''
  beforeAll(async () => {
    program = await bundle(join(import.meta.dirname, 'testing-child.ts'))
  }, 60_000)
  const newFolder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'prsm-test-'))
    chmodSync(made, 0o777)
    return made
  }
  const folder = (): string => {
    const made = newFolder()
    folders.push(made)
    return made
  }
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()))
    const used = folders.splice(0)
    await Promise.all(used.map(stopped))
    for (const path of used) rmSync(path, { recursive: true, force: true })
  }, 30_000)
  afterAll(() => {
    if (seed !== undefined) rmSync(seed, { recursive: true, force: true })
  })
  return {
    folder,
    async dataDir() {
      seed ??= await makeSeed(newFolder())
      const made = folder()
      // Faster than to make one, as nothing is flushed.
      execFileSync('cp', ['-a', join(seed, 'postgres'), made])
      return made
    },
    child(options = {}) {
      const child = startChild(program, options)
      children.push(child)
      return child
    },
  }
}

async function makeSeed(folder: string): Promise<string> {
  await prepareHome(folder, { engine: await findEngine(), nowMs: systemClock.now() })
  return folder
}

async function stopped(folder: string): Promise<void> {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('postgres/data')) continue
    const dataDir = join(folder, path, '../..')
    await until(() => Object.values(processesOf(dataDir)).flat().length === 0 || undefined, 20_000)
  }
}

/** A process that uses the embedded server; see testing-child.ts for its commands. */
export interface Child {
  readonly pid: number
  /** Sends a command and gives its answer. */
  ask(command: string, argument?: unknown): Promise<Json>
  /** Sends a command and gives its answers as they come. */
  stream(command: string, argument?: unknown): AsyncIterator<Answer>
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>
  /** Kills it with signal 9, unless another is named, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** What a child says. */
export interface Answer {
  readonly ok?: Json
  readonly error?: { readonly code: string; readonly message: string }
  readonly acknowledged?: number
}

function startChild(program: string, options: SpawnOptions): Child {
  const child = spawn(process.execPath, [program], {
    cwd: packageRoot(),
    ...options,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  const stream = (command: string, argument: unknown = ''): AsyncIterator<Answer> => {
    const text = typeof argument === 'string' ? argument : JSON.stringify(argument)
    child.stdin.write(`${JSON.stringify([command, text])}\n`)
    return {
      async next() {
        const { value, done } = await lines.next()
        if (done === true) return { value: undefined, done }
        return { value: JSON.parse(value) as Answer }
      },
    }
  }
  return {
    pid: present(child.pid),
    stream,
    ended,
    async ask(command, argument) {
      const { value }: { value: Answer } = await stream(command, argument).next()
      if (value?.error !== undefined)
        throw Object.assign(new Error(value.error.message), value.error)
      return present(value?.ok, `answer to ${command}`)
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await ended
    },
  }
}

/** Number of the server at work in `dataDir`, or `undefined` when none is. */
export async function runningServer(dataDir: string): Promise<number | undefined> {
  const data = join(dataDir, 'postgres/data')
  if (!existsSync(data)) return undefined
  const pid = await serverPid({ data })
  return pid !== undefined && attendance(data).servers.includes(pid) ? pid : undefined
}

/** The processes at work in `dataDir`. */
export function processesOf(dataDir: string): Attendance {
  return attendance(join(dataDir, 'postgres/data'))
}
