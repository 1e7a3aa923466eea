import type { Clock } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Result } from '../../kernel/result.ts'
import { type BreakerShow, showBreakers } from '../breakers/show-breakers.ts'
import { FencedError } from '../errors.ts'
import type { RunState } from '../machine/state.ts'

import { type ActiveRun, flush, leave } from './active-run.ts'
import { begin, type Birth } from './births.ts'
import { handOver, interrupt, onLeft, park, whenLeft } from './departures.ts'
import type { HostDeps } from './deps.ts'
import { pump } from './drive.ts'
import { type EngineOptions, type EngineState, NO_PROFILE } from './engine-state.ts'
import { claimOne, freeStrays, goOn, keepTurn, look } from './look.ts'
import { patient } from './patience.ts'
import { reconcile } from './reconcile.ts'
import { abandonTasks, giveWay } from './serve-tasks.ts'
import { executeHere } from './settle.ts'
import { createSlots } from './slots.ts'
import { createSuspects } from './suspects.ts'
import { parkOrArm, passTime } from './timers.ts'

/** Drives runs: claims them, runs their steps, keeps them alive. */
export interface Engine {
  start(): Promise<void>
  /**
   * Begins a new run in this process; its first steps start in the commit that creates it.
   *
   * @returns a refusal when it cannot be paid; `undefined` when this worker is full or not started.
   */
  begin(birth: Birth): Promise<Result<void, ErrorRecord>> | undefined
  /** Drives one run of those that nobody drives, whatever `claims` says. */
  take(run: string): Promise<boolean>
  /**
   * The state of a run when it leaves this worker's memory, at its end or because it waits for long.
   *
   * @returns `undefined` when it is not in memory.
   */
  left(run: string): Promise<RunState> | undefined
  /** Stops one run's steps at once and gives it up as paused, so that it can be resumed. */
  interrupt(run: string, by: string): Promise<void>
  /** Ends claiming, lets running steps end for `graceMs`, and gives every run up. */
  stop(graceMs: number): Promise<void>
  /** Runs in memory, and units from the queue that run here. */
  readonly size: number
}

/** Builds a worker's engine; nothing runs before `start`. */
export function createEngine(given: HostDeps, options: EngineOptions): Engine {
  const {
    leaseMs = 15_000,
    slots: total = 1_024,
    maxRuns = 2_000,
    pollMs = 1_000,
    claims = true,
    snapshotEvery = 1_000,
    profile = NO_PROFILE,
  } = options
  const deps = patient(given, () => engine.phase === 'stopped')
  const slots = createSlots({ total, onRoom: () => onRoom(engine) })
  const runs = new Map<string, ActiveRun>()
  const engine: EngineState = {
    deps,
    slots,
    options: { leaseMs, maxRuns, pollMs, claims, profile },
    hooks: {
      slots,
      suspects: createSuspects(runs),
      snapshotEvery,
      hasQueue: true,
      pump,
      execute: (run, execution) => void executeHere(run, execution),
      rest: (run) => parkOrArm(run, () => onTimer(run)),
      flushSoon: createFlusher(),
      isOpen: () => engine.phase === 'working',
      budgetOf: options.budgetOf,
      left: (run, reason) => onLeft(engine, run, reason),
      begot: (child) => park(engine, child),
    },
    runs,
    workflows: new Map(),
    births: new Map(),
    departures: new Map(),
    strays: new Map(),
    parked: new Set(),
    served: new Map(),
    unknown: new Set(),
    worker: deps.ids.next('work'),
    phase: 'new',
    hasBacklog: false,
    isLooking: false,
    isLookDue: false,
    cancels: new Set(),
    turns: new Set(),
  }
  return {
    start: () => start(engine),
    begin: (birth) => begin(engine, birth),
    take: (run) => take(engine, run),
    left: (run) =>
      engine.runs.has(run) ? whenLeft(engine, run).then(({ state }) => state) : undefined,
    interrupt: (run, by) => interrupt(engine, run, by),
    stop: (graceMs) => stop(engine, graceMs),
    get size() {
      return engine.runs.size + engine.served.size
    },
  }
}

function onRoom(engine: EngineState): void {
  if (engine.hasBacklog) look(engine)
}

function onTimer(run: ActiveRun): void {
  if (!run.isHere) return
  passTime(run)
  pump(run)
}

/** One microtask for all runs that have recorded something in a turn. */
function createFlusher(): (run: ActiveRun) => void {
  let due: ActiveRun[] = []
  const flushAll = (): void => {
    const runs = due
    due = []
    for (const run of runs) void flush(run)
  }
  return (run) => {
    due.push(run)
    if (due.length === 1) queueMicrotask(flushAll)
  }
}

async function start(engine: EngineState): Promise<void> {
  const { deps, options } = engine
  await deps.store.register(engine.worker, options)
  await deps.store.reap()
  engine.phase = 'working'
  const stopListening = await deps.store.listen(() => look(engine))
  engine.cancels.add(stopListening)
  const show = await showBreakers(deps, () => engine.worker)
  engine.cancels.add(() => show.stop())
  every(engine, options.leaseMs / 3, () => beat(engine, show))
  every(engine, options.pollMs, async () => look(engine))
  const reapMs = options.claims
    ? Math.min(options.pollMs, options.leaseMs / 3)
    : options.leaseMs / 3
  every(engine, reapMs, () => reapDead(engine))
  look(engine)
}

/** Calls `work` again and again until the engine stops; one call at a time. */
function every(engine: EngineState, delayMs: number, work: () => Promise<void>): void {
  const { clock, log } = engine.deps
  const timer: { cancel?: () => void } = {}
  const arm = (): void => {
    timer.cancel = clock.after(delayMs, () => keepTurn(engine, turn()))
  }
  const turn = async (): Promise<void> => {
    try {
      await work()
    } catch (fault) {
      // The database may be away for a while; the next turn tries again.
      if (engine.phase === 'working') log.error('workflow.engine-turn-failed', fault)
    }
    if (engine.phase === 'working') arm()
  }
  engine.cancels.add(() => timer.cancel?.())
  arm()
}

/** Shows that this worker lives. */
async function beat(engine: EngineState, show: BreakerShow): Promise<void> {
  const { deps, options } = engine
  if (engine.phase !== 'working') return
  const isKnown = await deps.store.heartbeat(engine.worker, options.leaseMs)
  if (!isKnown) await restart(engine)
  await show.beat()
  await reconcile(engine)
  await freeStrays(engine)
  await deps.tasks.forgetEnded(deps.clock.now() - KEEP_ENDED_MS)
}

/** Frees the runs and units of workers that have been silent for longer than their lease. */
async function reapDead(engine: EngineState): Promise<void> {
  const { store, tasks, clock } = engine.deps
  if (engine.phase !== 'working') return
  const freed = (await store.reap()) + (await tasks.reapTasks(clock.now()))
  if (freed > 0) look(engine)
}

/** How long units that have left the queue are shown in it, milliseconds. */
const KEEP_ENDED_MS = 3_600_000

/** This worker was given up for dead: what it held belongs to others, and it begins anew. */
async function restart(engine: EngineState): Promise<void> {
  const { deps, options } = engine
  deps.log.warn('workflow.lease-lost', { worker: engine.worker, runs: engine.runs.size })
  for (const run of engine.runs.values())
    leave(run, { kind: 'lost', fault: new FencedError(run.id) })
  abandonTasks(engine)
  // Known before anything is claimed in its name: nobody would free what an unknown worker holds.
  const worker = deps.ids.next('work')
  await deps.store.register(worker, options)
  engine.worker = worker
}

async function take(engine: EngineState, id: string): Promise<boolean> {
  if (engine.runs.has(id)) return true
  const runs = await claimOne(engine, id)
  await goOn(engine, runs)
  return runs.length > 0
}

async function stop(engine: EngineState, graceMs: number): Promise<void> {
  const { deps } = engine
  if (engine.phase === 'stopped') return
  const wasWorking = engine.phase === 'working'
  engine.phase = 'stopping'
  for (const cancel of engine.cancels) cancel()
  if (wasWorking) {
    // What is being claimed at this moment is handed over with the rest.
    await soon(deps.clock, turnsOver(engine))
    await drained(engine, graceMs)
    for (const served of engine.served.values()) giveWay(served, 'queued')
    await Promise.all([...engine.runs.values()].map((run) => handOver(engine, run)))
    await emptied(engine)
    await deps.store.retire(engine.worker)
  }
  engine.phase = 'stopped'
  await turnsOver(engine)
}

async function turnsOver({ turns }: EngineState): Promise<void> {
  await Promise.allSettled(turns)
}

/** Resolves with `work`, or when it has taken too long. */
async function soon(clock: Clock, work: Promise<void>): Promise<void> {
  let cancel: (() => void) | undefined
  const late = new Promise<void>((resolve) => (cancel = clock.after(GIVE_BACK_MS, resolve)))
  await Promise.race([work, late])
  cancel?.()
}

/** Resolves when no step runs any more, or when the time is over. */
async function drained(engine: EngineState, graceMs: number): Promise<void> {
  const { clock } = engine.deps
  const until = clock.now() + graceMs
  const isBusy = (): boolean =>
    engine.served.size > 0 || [...engine.runs.values()].some(({ stops }) => stops.size > 0)
  while (clock.now() < until && isBusy()) {
    await new Promise<void>((resolve) => void clock.after(20, resolve))
  }
}

/** Resolves when every unit from the queue has been given back, or the database has not answered. */
async function emptied({ deps, served }: EngineState): Promise<void> {
  const until = deps.clock.now() + GIVE_BACK_MS
  while (served.size > 0 && deps.clock.now() < until) {
    await new Promise<void>((resolve) => void deps.clock.after(5, resolve))
  }
}

/** How long giving back what this worker has may take; whoever reaps it does it otherwise, milliseconds. */
const GIVE_BACK_MS = 2_000
