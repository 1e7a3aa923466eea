import { availableParallelism } from 'node:os'

import type { Clock } from '../../../kernel/clock.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Usage } from '../../../kernel/usage.ts'
import { defineStepKind, type StepKind, type StepResult, type StepTask } from '../step-kind.ts'

import { startCodeProcess } from './code-process.ts'
import { type CodeProcesses, createCodeProcesses } from './code-processes.ts'
import { faultOf } from './fault-of.ts'
import { locateModule } from './locate-module-fs.ts'
import type { Output } from './protocol.ts'
import { codeParameters, type CodeParameters, DEFAULT_MAX_CORE_MS } from './schema.ts'

/** What a `code` step needs from outside. */
export interface CodeKindDeps {
  /** Folders below which modules may lie; links count as where they lead. */
  readonly roots: readonly string[]
  readonly clock: Clock
  /** Most processes at a time; further calls wait. @defaultValue one for each core */
  readonly maxProcesses?: number
  /** How long a process is kept for the next call of its module. @defaultValue 30_000 */
  readonly idleMs?: number
  /**
   * Environment of the author's code. Variables of PRSM itself, which hold secrets, and those that
   * steer Node are left out. @defaultValue none
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** The kind, and the processes behind it. */
export interface CodeKind extends StepKind {
  /** Ends the processes. */
  close(): Promise<void>
}

/** Least a call is expected to use before anything is known of it, milliseconds. */
const LEAST_EXPECTED_MS = 1_000

/** A run's default budget is three times what is expected, and what is reserved has to fit in it. */
const BUDGET_HEADROOM = 3

/**
 * `code`: calls a function of the author's own ES module, in a process of its own.
 *
 * @remarks
 * A process keeps the author's mistakes (an endless loop, a memory bomb, `process.exit`) from the
 * platform. It is no security boundary: the code runs as the same user, with the same files and
 * network. It is for the author's own code.
 *
 * Crash: the process ends with the platform's, also when that is killed; the step is run again.
 */
export function createCodeKind(deps: CodeKindDeps): CodeKind {
  const { clock, maxProcesses = availableParallelism(), idleMs = 30_000 } = deps
  const environment = toEnvironment(deps.environment ?? {})
  const start = (memoryMb: number): ReturnType<typeof startCodeProcess> =>
    startCodeProcess({ memoryMb, environment, clock })
  const processes = createCodeProcesses({ maxProcesses, idleMs, clock, start })
  const kind = defineStepKind({
    name: 'code',
    summary: 'Calls a function of your own ES module with "input" and gives what it returns.',
    with: codeParameters,
    takesSecrets: true,
    programBy: ['module', 'function'],
    expect: ({ maxCoreMs }) => [coreTime(expectedMs(maxCoreMs))],
    bound: ({ maxCoreMs }) => [coreTime(maxCoreMs)],
    run: (parameters, task) => runCode(parameters, task, { processes, roots: deps.roots }),
  })
  return { ...kind, close: () => processes.close() }
}

interface RunDeps {
  readonly processes: CodeProcesses
  readonly roots: readonly string[]
}

async function runCode(
  parameters: CodeParameters,
  task: StepTask,
  { processes, roots }: RunDeps,
): Promise<StepResult> {
  const { function: name, input = null, memoryMb, maxCoreMs } = parameters
  const { path, url, digest } = await locateModule(parameters, roots)
  const { idempotencyKey, attempt, signal, log, checkpoint } = task
  const kept = checkpoint?.load()
  const folder = await task.folder()
  const { ending, coreMs, queuedMs } = await processes.run({
    key: `${path}\n${digest}\n${memoryMb}`,
    memoryMb,
    call: {
      url,
      function: name,
      input,
      idempotencyKey,
      attempt,
      folder,
      maxCoreMs,
      checkpoint: kept === undefined ? undefined : JSON.stringify(kept),
    },
    onCheckpoint: (json) => keep(task, json),
    signal,
    onOutput: ({ level, text }: Output) => {
      if (level === 'error') log.warn('code.output', { level, text })
      else log[level]('code.output', { text })
    },
  })
  if (ending.kind !== 'returned')
    throw faultOf(ending, { module: path, function: name, memoryMb, maxCoreMs })
  const output: Json = JSON.parse(ending.json)
  return { output, usage: [coreTime(Math.min(coreMs, maxCoreMs))], queuedMs }
}

/** A checkpoint that could not be kept costs time, not the result. */
function keep({ checkpoint, log }: StepTask, json: string): void {
  const value: Json = JSON.parse(json)
  checkpoint
    ?.save(value)
    .catch((fault: unknown) => log.warn('code.checkpoint-not-kept', { reason: String(fault) }))
}

function expectedMs(maxCoreMs: Json | undefined): number {
  const boundMs = typeof maxCoreMs === 'number' ? maxCoreMs : DEFAULT_MAX_CORE_MS
  return Math.max(LEAST_EXPECTED_MS, Math.ceil(boundMs / BUDGET_HEADROOM))
}

function coreTime(coreMs: number): Usage {
  return { resource: 'cpu_cores', coreMs }
}

function toEnvironment(
  given: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(given).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:PRSM_|NODE_OPTIONS$|NODE_CHANNEL_)/i.test(entry[0]),
  )
  return Object.fromEntries(kept)
}
