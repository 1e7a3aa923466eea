import { setMaxListeners } from 'node:events'

import type { Json } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { noTelemetry } from '../kernel/telemetry.ts'
import { createFollowingClock } from '../platform/clock.ts'
import { createSystemRandom } from '../platform/random.ts'
import type { CodeWorkflow, RunRecord, StepKind } from '../workflow/index.ts'

import { openPlatform, type Platform } from './compose.ts'
import { type Config, config } from './config.ts'
import { RunFailedError, RunLeftError } from './errors.ts'
import type { Surroundings } from './surroundings.ts'

/** How PRSM is opened inside another program; every setting of the configuration may be given. */
export interface OpenOptions extends Partial<Config> {
  /** Workflows written in TypeScript that this process can run. */
  readonly workflows?: readonly Pick<CodeWorkflow<unknown>, 'kind'>[]
  /** Kinds of step of your own. */
  readonly kinds?: readonly StepKind[]
  /**
   * Whether it also takes up runs that other processes started; its own, and the runs that their
   * steps begin, it always drives to their end. @defaultValue true
   */
  readonly claims?: boolean
  readonly surroundings?: Partial<Surroundings>
}

/** PRSM inside another program. */
export interface Prsm {
  /**
   * Runs a workflow to its end, however long it waits in between: for time, or for somebody.
   *
   * @param signal - ends the waiting, not the run.
   * @returns what it gave.
   * @throws {@link RunFailedError} it failed or was cancelled.
   * @throws {@link RunLeftError} PRSM was closed first.
   */
  run<Inputs>(workflow: CodeWorkflow<Inputs>, inputs: Inputs, signal?: AbortSignal): Promise<Json>
  /** Begins a workflow; its creation is committed when this resolves. */
  start<Inputs>(workflow: CodeWorkflow<Inputs>, inputs: Inputs): Promise<RunRecord>
  /** What a run gives in the end, whichever process drives it; see {@link Prsm.run}. */
  result(run: string, signal?: AbortSignal): Promise<Json>
  readonly platform: Platform
  /** See {@link Platform.close}. Again: waits for the first call. */
  close(graceMs?: number): Promise<void>
}

/** Opens PRSM inside another program, with a worker in this process. */
export async function openPrsm(options: OpenOptions = {}): Promise<Prsm> {
  const { workflows = [], kinds = [], claims = true, surroundings = {}, ...settings } = options
  const platform = await openPlatform(
    config.parse(settings),
    { ...plainSurroundings(), ...surroundings },
    { worker: claims ? 'all' : 'own', kinds: [...kinds, ...workflows.map(({ kind }) => kind)] },
  )
  const { tenant } = platform.config
  const closing = new AbortController()
  // One listener for each run that is waited for, and they may be many.
  setMaxListeners(0, closing.signal)
  let closed: Promise<void> | undefined
  const start: Prsm['start'] = async (workflow, inputs) => {
    const checked = workflow.inputs.parse(inputs)
    const asJson: Json = JSON.parse(JSON.stringify(checked))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- inputs of a workflow are an object
    const values = asJson as Record<string, Json>
    return platform.workflows.submit({ tenant, definition: workflow.definition, inputs: values })
  }
  const result: Prsm['result'] = async (run, signal) => {
    // Most runs end where they began, and are heard of without any signal: closing ends the wait too.
    const left = platform.engine?.left(run)
    const state = await (signal === undefined ? left : Promise.race([left, aborted(signal)]))
    if (state?.status === 'completed') return state.output
    return whileOpen(closing.signal, run, (open) => {
      const ending = signal === undefined ? open : AbortSignal.any([open, signal])
      return Promise.race([resultOf(platform, run, ending), aborted(ending)])
    })
  }
  return {
    platform,
    start,
    result,
    run: async (workflow, inputs, signal) => result((await start(workflow, inputs)).id, signal),
    close(graceMs) {
      closing.abort()
      closed ??= platform.close(graceMs)
      return closed
    },
  }
}

/** Does `work` with a signal that aborts, with {@link RunLeftError}, when `closing` does. */
async function whileOpen<Value>(
  closing: AbortSignal,
  run: string,
  work: (open: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const open = new AbortController()
  const end = (): void => open.abort(new RunLeftError(run))
  closing.addEventListener('abort', end)
  try {
    if (closing.aborted) end()
    return await work(open.signal)
  } finally {
    closing.removeEventListener('abort', end)
  }
}

async function resultOf(platform: Platform, run: string, signal: AbortSignal): Promise<Json> {
  const record = await endOf(platform, run, signal)
  if (record.status !== 'completed') throw new RunFailedError(record)
  return outputOf(platform, record)
}

const ENDINGS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled'])

/** The run once it has ended. A failed one may have been resumed since: then it goes on. */
async function endOf(
  { config: { tenant }, workflows, journal }: Platform,
  run: string,
  signal: AbortSignal,
): Promise<RunRecord> {
  const known = await workflows.getRun(tenant, run)
  if (known.endedAt !== undefined) return known
  for await (const { kind } of journal.follow({ stream: run, afterVersion: 0 }, signal)) {
    const record = ENDINGS.has(kind) ? await workflows.getRun(tenant, run) : undefined
    if (record?.endedAt !== undefined) return record
  }
  throw new RunLeftError(run)
}

/** Rejects when `signal` aborts, with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}

async function outputOf({ workflows }: Platform, { tenant, id }: RunRecord): Promise<Json> {
  const events = await workflows.listEvents(tenant, id)
  const last = events.findLast(({ event }) => event.kind === 'run.completed')
  return last?.event.kind === 'run.completed' ? last.event.data.output : null
}

function plainSurroundings(): Surroundings {
  return {
    clock: createFollowingClock(),
    random: createSystemRandom(),
    log: silentLog,
    telemetry: noTelemetry,
    secrets: () => undefined,
    keys: () => undefined,
    environment: {},
  }
}
