import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, vi } from 'vitest'

import { runCli } from '../../src/cli/program.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { Database } from '../../src/platform/sql/database.ts'

import { createTestDatabase } from './database.ts'
import { toUrl } from './platform.ts'
import { createFakeTerminal, type FakeTerminal, type FakeTerminalOptions } from './terminal.ts'

/** What a command left behind. */
export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A command that is under way. */
export interface StartedCommand {
  readonly terminal: FakeTerminal
  readonly ended: Promise<CliResult>
  /** Resolves once what it has written, on either output, fits; fails when it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
}

/** The command line in this process, on a database and a folder of its own. */
export interface TestCli {
  readonly folder: string
  readonly database: Database
  readonly env: Readonly<Record<string, string>>
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<CliResult>
  /** The same with `--json`, and the object it printed. */
  json(...args: readonly string[]): Promise<CliResult & { readonly value: JsonObject }>
  /** The same for commands that print a list. */
  list(...args: readonly string[]): Promise<readonly JsonObject[]>
  /** Begins a command in a terminal of its own. */
  start(args: readonly string[], options?: FakeTerminalOptions): StartedCommand
  /** Writes a file below the folder and gives its path. */
  write(name: string, content: string | Json): Promise<string>
  read(name: string): Promise<string>
  drop(): Promise<void>
}

/** Opens a command line on a fresh database; more of its environment may be given. */
export async function openTestCli(more: Readonly<Record<string, string>> = {}): Promise<TestCli> {
  const fixture = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'prsm-cli-'))
  const env = {
    PRSM_DATABASE_URL: toUrl(fixture.target),
    PRSM_DATA_DIR: join(folder, 'data'),
    ...more,
  }
  const begin = (args: readonly string[], options: FakeTerminalOptions = {}): StartedCommand =>
    startCommand(args, {
      workingDirectory: folder,
      ...options,
      env: { ...env, ...options.env },
    })
  return {
    folder,
    database: fixture.database,
    env,
    run: (...args) => ending(begin(args), args),
    async json(...args) {
      const all = [...args, '--json']
      const result = await ending(begin(all), all)
      return { ...result, value: JSON.parse(result.out) as JsonObject }
    },
    async list(...args) {
      const all = [...args, '--json']
      const { out } = await ending(begin(all), all)
      return JSON.parse(out) as readonly JsonObject[]
    },
    start: begin,
    async write(name, content) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
      return path
    },
    read: (name) => readFile(join(folder, name), 'utf8'),
    async drop() {
      await fixture.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** How long a command may take that ends by itself; short of what a test may take, milliseconds. */
const HANGS_MS = 120_000

/** The end of a command; one that hangs fails with what it has said so far. */
async function ending(command: StartedCommand, args: readonly string[]): Promise<CliResult> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const { out, err } = command.terminal
      reject(new Error(`prsm ${args.join(' ')} does not end: ${out.text}${err.text}`))
    }, HANGS_MS)
  })
  try {
    return await Promise.race([command.ended, late])
  } finally {
    clearTimeout(timer)
  }
}

function startCommand(args: readonly string[], options: FakeTerminalOptions): StartedCommand {
  const terminal = createFakeTerminal(options)
  let isOver = false
  const work = async (): Promise<CliResult> => {
    const code = await runCli(terminal, args)
    isOver = true
    expect(terminal.listeners, `listeners left behind by prsm ${args.join(' ')}`).toBe(0)
    return { code, out: terminal.out.text, err: terminal.err.text }
  }
  const ended = work()
  // Whoever started it may look at something else first.
  ended.catch(() => undefined)
  return {
    terminal,
    ended,
    async until(pattern) {
      let found: RegExpExecArray | null = null
      const look = (): boolean => {
        found = pattern.exec(terminal.out.text) ?? pattern.exec(terminal.err.text)
        return found !== null || isOver
      }
      await vi.waitUntil(look, { timeout: 20_000, interval: 10 })
      if (found === null) {
        throw new Error(
          `prsm ${args.join(' ')} ended without ${pattern}: ${terminal.out.text}${terminal.err.text}`,
        )
      }
      return found
    },
  }
}

/** A definition with these steps. */
export function flow(steps: Readonly<Record<string, Json>>, head: JsonObject = {}): JsonObject {
  return { apiVersion: 'prsm/v1', name: 'flow', ...head, steps }
}

/** The id of a record that a command printed. */
export function idOf(record: JsonObject | undefined): string {
  const id = record?.['id']
  if (typeof id !== 'string') throw new TypeError(`no id in ${JSON.stringify(record)}`)
  return id
}
