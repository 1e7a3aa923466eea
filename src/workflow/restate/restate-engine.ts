import { sleep } from '../../kernel/clock.ts'
import { type BreakerShow, showBreakers } from '../breakers/show-breakers.ts'
import type { HostDeps } from '../host/deps.ts'
import { type EngineOptions, NO_PROFILE } from '../host/engine-state.ts'
import type { Engine } from '../host/engine.ts'
import { patient } from '../host/patience.ts'
import { CONTROL_SIGNAL } from '../host/run-store.ts'
import { toPayload } from '../host/signals.ts'
import { createSlots } from '../host/slots.ts'

import { type Endpoint, listen } from './endpoint-http.ts'
import { RestatePortError } from './errors.ts'
import type { Bench } from './execute.ts'
import type { Inbox } from './inbox-sql.ts'
import { createInboxWatch, type InboxWatch } from './inbox-watch.ts'
import { createSeats } from './seats.ts'
import { createRestateServer, type RestateAddress, type RestateServer } from './server-http.ts'
import { type Calls, createServices } from './services-http.ts'

/** What this host needs beside what steps need. */
export interface RestateDeps extends HostDeps {
  readonly inbox: Inbox
}

/** Where Restate is, and how it reaches this worker. */
export interface RestateOptions extends EngineOptions {
  readonly restate: RestateAddress & {
    /** Where this worker listens. */
    readonly host: string
    readonly port: number
    /** Where Restate finds workers: a load balancer before them. @defaultValue what it listens on */
    readonly serviceUrl?: string | undefined
    readonly identityKey?: string | undefined
  }
}

/** What is open while the engine works. */
interface Working {
  readonly worker: string
  readonly calls: Calls
  /** `undefined`: another worker of this machine takes the calls. */
  readonly endpoint: Endpoint | undefined
  readonly watch: InboxWatch
  readonly show: BreakerShow
  readonly closing: AbortController
  readonly stopListening: () => void
}

/**
 * Builds the engine of a worker whose runs Restate drives.
 *
 * @remarks Restate has the queue of turns, the timers and the retries after crashes; events, rows and
 * money go to the store as with the other host.
 */
export function createRestateEngine(given: RestateDeps, options: RestateOptions): Engine {
  const deps = patient(given, () => isOver)
  const server = createRestateServer(options.restate)
  let working: Working | undefined
  let isOver = false
  return {
    async start() {
      working = await start(deps, options, server)
    },
    // A run is begun by its creation in the store, of which the watch hears.
    begin: () => undefined,
    async take() {
      working?.watch.look()
      return false
    },
    left: () => undefined,
    interrupt: (run, by) => interrupt(deps, run, by),
    async stop(graceMs) {
      const ending = working
      working = undefined
      if (ending !== undefined) await stop(deps, ending, graceMs)
      isOver = true
    },
    get size() {
      return working?.calls.open ?? 0
    },
  }
}

async function start(
  deps: RestateDeps,
  options: RestateOptions,
  server: RestateServer,
): Promise<Working> {
  const { store, clock, log, inbox } = deps
  const {
    leaseMs = 15_000,
    pollMs = 1_000,
    maxRuns = 2_000,
    profile = NO_PROFILE,
    restate,
  } = options
  const terms = { leaseMs, profile }
  const worker = deps.ids.next('work')
  const bench = createBench(deps, options, worker)
  const { identityKey } = restate
  const calls = await createServices({ bench, log, identityKey })
  const endpoint = await openEndpoint(calls, options)
  if (endpoint !== undefined) {
    const uri = restate.serviceUrl ?? `http://${restate.host}:${endpoint.port}`
    await server.register(uri).catch(async (fault: unknown) => {
      await endpoint.close()
      throw fault
    })
  }
  await store.register(worker, terms)
  await store.reap()
  const watch = createInboxWatch({ inbox, server, maxRuns, clock, log })
  const stopListening = await store.listen(() => watch.look())
  const show = await showBreakers(deps, () => worker)
  const closing = new AbortController()
  const again = every(deps, closing.signal)
  again(leaseMs / 3, async () => {
    if (!(await store.heartbeat(worker, leaseMs))) await store.register(worker, terms)
    await show.beat()
    await store.reap()
  })
  again(pollMs, async () => watch.look())
  watch.look()
  await watch.wakeAll()
  return { worker, calls, endpoint, watch, show, closing, stopListening }
}

function createBench(
  deps: RestateDeps,
  { slots = 1_024, maxRuns = 2_000, budgetOf }: RestateOptions,
  worker: string,
): Bench {
  let turns = 0
  return {
    host: deps,
    inbox: deps.inbox,
    slots,
    budgetOf,
    room: createSlots({ total: slots }),
    seats: createSeats(maxRuns),
    workflows: new Map(),
    worker,
    nextMark: () => `${worker}:${++turns}`,
  }
}

/** A worker that only does its own runs leaves the calls to others, if it can see that there are some. */
async function openEndpoint(
  { handler }: Calls,
  { claims = true, restate }: RestateOptions,
): Promise<Endpoint | undefined> {
  if (!claims && restate.serviceUrl !== undefined) return undefined
  try {
    return await listen(handler, restate)
  } catch (fault) {
    if (claims || !(fault instanceof RestatePortError)) throw fault
    return undefined
  }
}

/** Calls again and again what may fail now and then. */
function every(
  { clock, log }: RestateDeps,
  signal: AbortSignal,
): (delayMs: number, work: () => Promise<void>) => void {
  return (delayMs, work) => {
    const turn = async (): Promise<void> => {
      try {
        await work()
      } catch (fault) {
        log.error('workflow.engine-turn-failed', fault)
      }
      arm()
    }
    const arm = (): void => {
      if (!signal.aborted) clock.after(delayMs, () => void (signal.aborted || turn()))
    }
    arm()
  }
}

/** How long an interrupt may take to be heard of, milliseconds. */
const INTERRUPT_MS = 5_000
/** How long a turn that is being taken may go on when the worker ends, milliseconds. */
const TURN_MS = 1_000
const LOOK_EVERY_MS = 20

async function interrupt(
  { store, clock, ids, inbox }: RestateDeps,
  run: string,
  by: string,
): Promise<void> {
  const payload = toPayload({ action: 'interrupt', by })
  await store.send({ id: ids.next('sig'), run, signal: CONTROL_SIGNAL, payload, by })
  const until = clock.now() + INTERRUPT_MS
  while (clock.now() < until && (await inbox.isMoving(run))) await sleep(clock, LOOK_EVERY_MS)
}

async function stop(
  { store, clock }: RestateDeps,
  ending: Working,
  graceMs: number,
): Promise<void> {
  const { closing, watch, show, calls, endpoint, worker, stopListening } = ending
  closing.abort()
  show.stop()
  watch.stop()
  stopListening()
  const until = clock.now() + Math.max(graceMs, TURN_MS)
  while (clock.now() < until && calls.open > 0) await sleep(clock, LOOK_EVERY_MS)
  await endpoint?.close()
  await store.retire(worker)
}
