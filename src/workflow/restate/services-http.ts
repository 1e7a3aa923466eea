import type * as restate from '@restatedev/restate-sdk'
import type { Context, ObjectContext, Serde } from '@restatedev/restate-sdk'

import type { Log } from '../../kernel/log.ts'
import { addPromiseWithResolvers } from '../../platform/promise-with-resolvers.ts'
import { StepAbortedError } from '../errors.ts'
import { createStop } from '../host/stop.ts'
import { unitKey } from '../machine/events.ts'

import { commit, decide } from './decide.ts'
import { type Bench, execute } from './execute.ts'
import {
  type Decision,
  type Dispatch,
  type DispatchEnding,
  type Known,
  RUNS,
  STEPS,
  type TurnInput,
} from './messages.ts'
import { decode, encode } from './wire.ts'

type Sdk = typeof restate
type Endpoint = ReturnType<Sdk['createEndpointHandler']>
type RetryPolicy = NonNullable<NonNullable<Parameters<Sdk['service']>[0]['options']>['retryPolicy']>

/** A worker or the database may be away for a while: what failed is soon tried again, for ever. */
const RETRY: RetryPolicy = {
  initialInterval: 50,
  exponentiationFactor: 2,
  maxInterval: 2_000,
  // Without a number the server's own limit counts, after which a call stands still for good.
  maxAttempts: 2_147_483_647,
}
/** A step ends by its own `timeout`, not by the patience of a server, milliseconds. */
const NO_TIMEOUT_MS = 365 * 86_400_000

/** What Restate calls in a worker. */
export interface ServiceOptions {
  readonly bench: Bench
  readonly log: Log
  /** Key by which requests of the Restate server are known; without one anybody's are taken. */
  readonly identityKey: string | undefined
}

/** Calls in progress in this process. */
export interface Calls {
  readonly handler: Endpoint
  readonly open: number
}

interface Desk extends ServiceOptions {
  readonly sdk: Sdk
  readonly serde: Serde<never>
  open: number
}

/** Builds the handler of HTTP requests by which Restate takes turns and executes units here. */
export async function createServices(options: ServiceOptions): Promise<Calls> {
  addPromiseWithResolvers()
  const sdk = await import('@restatedev/restate-sdk')
  const desk: Desk = { ...options, sdk, serde: createSerde(), open: 0 }
  const handler = sdk.createEndpointHandler({
    services: [createRunObject(desk), createStepService(desk)],
    ...(options.identityKey !== undefined && { identityKeys: [options.identityKey] }),
    logger: (_, ...parts: unknown[]) =>
      options.log.debug('restate.sdk', { message: parts.map(String).join(' ') }),
  })
  return {
    handler,
    get open() {
      return desk.open
    },
  }
}

function createSerde<Value>(): Serde<Value> {
  return {
    contentType: 'application/json',
    serialize: encode,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Restate gives back what we gave it
    deserialize: (bytes) => decode(bytes) as Value,
  }
}

type RunContext = ObjectContext
type Returns = Promise<void>

function createRunObject(desk: Desk): ReturnType<Sdk['object']> {
  const { sdk, serde } = desk
  const { exclusive } = sdk.handlers.object
  const on = { input: serde, output: serde }
  const inside = { ...on, ingressPrivate: true }
  return sdk.object({
    name: RUNS,
    handlers: {
      look: exclusive(on, (context: RunContext) => turn(desk, context, { kind: 'look' })),
      due: exclusive(inside, (context: RunContext) => turn(desk, context, { kind: 'due' })),
      ended: exclusive(inside, (context: RunContext, ended: Omit<Ended, 'kind'>) =>
        turn(desk, context, { kind: 'ended', ...ended }),
      ),
    },
    options: { retryPolicy: RETRY, journalRetention: 0, abortTimeout: NO_TIMEOUT_MS },
  })
}

type Ended = Extract<TurnInput, { kind: 'ended' }>

function createStepService(desk: Desk): ReturnType<Sdk['service']> {
  const { sdk, serde } = desk
  const options = { input: serde, output: serde, ingressPrivate: true }
  return sdk.service({
    name: STEPS,
    handlers: {
      execute: sdk.handlers.handler(options, (context: Context, dispatch: Dispatch) =>
        perform(desk, context, dispatch),
      ),
    },
    options: { retryPolicy: RETRY, journalRetention: 0, abortTimeout: NO_TIMEOUT_MS },
  })
}

/** One turn of a run: what it decides is recorded, then committed, then done. */
async function turn(desk: Desk, context: RunContext, input: TurnInput): Returns {
  const { bench } = desk
  const { key: run } = context
  const over = context.request().attemptCompletedSignal
  let isKept = false
  // A turn whose decision was not kept has left its seat ahead of the record.
  over.addEventListener('abort', () => !isKept && bench.seats.drop(run), { once: true })
  desk.open++
  try {
    const known = (await context.get<Known>('run', createSerde())) ?? undefined
    const decision = await context.run('decide', () => decide(bench, { run, known, input }), {
      serde: createSerde<Decision | undefined>(),
    })
    if (decision === undefined) {
      context.clearAll()
      return
    }
    const outcome = decision.isNews
      ? await context.run('commit', () => commit(bench, decision))
      : 'done'
    isKept = true
    if (outcome === 'done') await follow(desk, context, { decision, known })
    else if (outcome === 'foreign' || input.kind !== 'look') {
      context.clearAll()
      send(desk, context, { service: RUNS, method: 'look', key: run })
    }
  } finally {
    desk.open--
  }
}

interface Following {
  readonly decision: Decision
  readonly known: Known | undefined
}

/** Does what was decided, now that it is committed. */
async function follow(
  desk: Desk,
  context: RunContext,
  { decision, known }: Following,
): Promise<void> {
  await startUnits(desk, context, decision)
  await stopUnits(desk, context, decision.stops)
  for (const run of decision.wakes) send(desk, context, { service: RUNS, method: 'look', key: run })
  if (decision.rest.kind === 'ended') {
    context.clearAll()
    return
  }
  const { version, at, mark, rest } = decision
  const dueAt = wakeAt(desk, context, { at, dueAt: rest.dueAt, known })
  const next: Known = { version, mark, dueAt, isWaiting: rest.kind === 'wait' }
  context.set('run', next, createSerde<Known>())
}

/** Sees to it that the run is woken in time; gives when it will be. */
function wakeAt(
  desk: Desk,
  context: RunContext,
  { at, dueAt, known }: Pick<Decision, 'at'> & Pick<Known, 'dueAt'> & Pick<Following, 'known'>,
): number | undefined {
  const planned = known?.dueAt
  if (dueAt === undefined && planned === undefined) return undefined
  // Not the time of this machine: times of runs are those that the clock of the database gives.
  const isAhead = planned !== undefined && planned > at
  if (dueAt === undefined || (isAhead && planned <= dueAt)) return isAhead ? planned : undefined
  const delay = Math.max(0, dueAt - at)
  send(desk, context, { service: RUNS, method: 'due', key: context.key, delay })
  return dueAt
}

async function startUnits(
  desk: Desk,
  context: RunContext,
  { dispatches }: Decision,
): Promise<void> {
  for (const dispatch of dispatches) {
    await stopUnits(desk, context, [stateKey(dispatch)])
    const sent = send(desk, context, { service: STEPS, method: 'execute', parameter: dispatch })
    context.set(`unit:${stateKey(dispatch)}`, await sent.invocationId)
  }
}

function stateKey(dispatch: Dispatch): string {
  return dispatch.purpose === 'do' ? unitKey(dispatch) : `${dispatch.purpose}:${unitKey(dispatch)}`
}

async function stopUnits(
  { sdk }: Desk,
  context: RunContext,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) {
    const invocation = await context.get<string>(`unit:${key}`)
    if (invocation === null) continue
    context.cancel(sdk.InvocationIdParser.fromString(invocation))
    context.clear(`unit:${key}`)
  }
}

interface Message {
  readonly service: string
  readonly method: string
  readonly key?: string
  readonly parameter?: unknown
  readonly delay?: number
}

function send(
  { serde }: Desk,
  context: Context,
  message: Message,
): ReturnType<Context['genericSend']> {
  return context.genericSend({ parameter: null, ...message, inputSerde: serde })
}

/** Executes a unit and tells its run how it ended. */
async function perform(desk: Desk, context: Context, dispatch: Dispatch): Returns {
  const stop = createStop()
  const unit = unitKey(dispatch)
  const over = context.request().attemptCompletedSignal
  // Restate has given this try up, and has it executed elsewhere or again.
  over.addEventListener('abort', () => stop.stop(new StepAbortedError(unit, 'its attempt is over')))
  desk.open++
  try {
    const ending = await performed(desk, context, { dispatch, stop })
    const { run: key } = dispatch
    send(desk, context, { service: RUNS, method: 'ended', key, parameter: { dispatch, ending } })
  } finally {
    desk.open--
  }
}

interface Performing {
  readonly dispatch: Dispatch
  readonly stop: ReturnType<typeof createStop>
}

async function performed(
  { sdk, bench }: Desk,
  context: Context,
  { dispatch, stop }: Performing,
): Promise<DispatchEnding> {
  try {
    return await context.run('execute', () => execute(bench, dispatch, stop), {
      serde: createSerde<DispatchEnding>(),
    })
  } catch (fault) {
    if (!(fault instanceof sdk.CancelledError)) throw fault
    stop.stop(new StepAbortedError(unitKey(dispatch), 'its run does not go on'))
    return { kind: 'stopped' }
  }
}
