import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { toJsonObject } from '../../kernel/json.ts'
import type { Result } from '../../kernel/result.ts'
import type { LedgerCommand } from '../../ledger/index.ts'
import { StepAbortedError } from '../errors.ts'
import { isSnapshotDue, type LastSnapshot } from '../history/snapshot-policy.ts'
import { type Snapshot, takeSnapshot } from '../history/snapshot.ts'
import { applyEvent } from '../machine/apply.ts'
import type { RunEvent } from '../machine/events.ts'
import { isFinal, type RunState } from '../machine/state.ts'
import type { NewTask } from '../queue/task.ts'

import type { HostDeps } from './deps.ts'
import { moneyOf, patchOf, rowStatus } from './effects.ts'
import type { Execution } from './execution.ts'
import type { UnitScope } from './prepare-unit.ts'
import type { ChildRun, NewRun, RunChange, RunPatch, Signal, TimedEvent } from './run-store.ts'
import type { Slots } from './slots.ts'
import type { Stop } from './stop.ts'
import type { Suspects } from './suspects.ts'

/** Why a run is no longer this worker's. */
export type LeaveReason =
  /** It has ended, or waits for long: whoever is free goes on. */
  | { readonly kind: 'done' }
  /** The books refused what it needed. */
  | { readonly kind: 'refused'; readonly refusal: ErrorRecord }
  /** Its history is not known any more: the commit failed, or another worker has it. */
  | { readonly kind: 'lost'; readonly fault: unknown }

/** What a run asks of the host that drives it, and tells it. */
export interface RunHooks {
  readonly slots: Omit<Slots, 'room'>
  readonly suspects: Suspects
  /** Whether a unit that asks for a worker of its own is put into the queue, or is run like others. */
  readonly hasQueue: boolean
  /** Runs a unit whose start is on record, and hands its ending to {@link settle}. */
  execute(run: ActiveRun, execution: Execution): void
  /** Nothing can be done now: the host sets the run's next timer, or lets go of it. */
  rest(run: ActiveRun): void
  /** Calls {@link flush} when the present turn of the event loop has recorded everything. */
  flushSoon(run: ActiveRun): void
  /** Takes the next turns of a run. */
  pump(run: ActiveRun): void
  /** Events between two snapshots at least. */
  readonly snapshotEvery: number
  /** Whether the worker still begins work. */
  isOpen(): boolean
  /** The run is out of memory from now on. */
  left(run: ActiveRun, reason: LeaveReason): void
  /** A run is about to be created by a step. */
  begot(child: string): void
  /** Most a child run may cost, µFTNS. */
  budgetOf(workflow: RunState['workflow'], inputs: RunState['inputs']): Promise<bigint>
}

/** What is to be committed next, and what follows. */
interface Outbox {
  readonly change: Change
  readonly after: (() => void)[]
}

/** A change in the making. */
interface Change extends RunChange {
  create: NewRun | undefined
  patch: RunPatch | undefined
  snapshot: Snapshot | 'drop' | undefined
  readonly events: TimedEvent[]
  readonly money: LedgerCommand[]
  readonly consumed: string[]
  readonly letters: Signal[]
  readonly children: ChildRun[]
  readonly tasks: NewTask[]
  readonly recalls: string[]
}

/** A run in the memory of the one worker that drives it. */
export interface ActiveRun extends UnitScope {
  readonly id: string
  readonly tenant: string
  readonly worker: string
  readonly state: RunState
  readonly deps: HostDeps
  readonly hooks: RunHooks
  /** Keys of units that are being prepared. */
  readonly busy: Set<string>
  /** How to stop units that run, by key. */
  readonly stops: Map<string, Stop>
  /** Signals that are being answered. */
  readonly answered: Set<string>
  outbox: Outbox
  lastSnapshot: LastSnapshot
  /** How many events were recorded when this worker took the run up, and up to which version. */
  adoption: { readonly version: number; readonly events: number }
  isFlushDue: boolean
  /** Whether a commit is under way. One at a time: a later one must not stand without an earlier. */
  isCommitting: boolean
  isPumping: boolean
  isPumpDue: boolean
  isFinishing: boolean
  /** Whether children have been asked to end. */
  isRecalling: boolean
  /** Whether money is short: nothing begins until something has ended. */
  isShort: boolean
  /** What was due then has begun, or waits for something else than time. */
  lookedAt: EpochMs
  /** Units on record as started that do not run yet; each holds a slot. */
  unstarted: number
  /** Whether giving the run up is under way: signals are left to whoever comes next. */
  isLeaving: boolean
  /** Whether this worker still has the run. */
  isHere: boolean
  cancelTimer: (() => void) | undefined
}

type NewActiveRun = Pick<ActiveRun, 'id' | 'tenant' | 'worker' | 'state'> & {
  readonly lastSnapshot?: LastSnapshot
}

const NO_SNAPSHOT: LastSnapshot = { version: 0, bytes: 0 }

/** Puts a run into memory. `state` is the fold of what is committed. */
export function createActiveRun(
  deps: HostDeps,
  hooks: RunHooks,
  { id, tenant, worker, state, lastSnapshot = NO_SNAPSHOT }: NewActiveRun,
): ActiveRun {
  return {
    id,
    tenant,
    worker,
    state,
    deps,
    hooks,
    lists: new Map(),
    opened: new Map(),
    busy: new Set(),
    stops: new Map(),
    answered: new Set(),
    outbox: emptyOutbox({ id, tenant, worker }, state.version),
    lastSnapshot,
    adoption: { version: state.version, events: 0 },
    isFlushDue: false,
    isCommitting: false,
    isPumping: false,
    isPumpDue: false,
    isFinishing: false,
    isRecalling: false,
    isShort: false,
    lookedAt: Number.NEGATIVE_INFINITY,
    unstarted: 0,
    isLeaving: false,
    isHere: true,
    cancelTimer: undefined,
  }
}

function emptyOutbox(
  { id, worker, tenant }: Pick<ActiveRun, 'id' | 'worker' | 'tenant'>,
  version: number,
): Outbox {
  return {
    change: {
      run: id,
      worker,
      tenant,
      create: undefined,
      patch: undefined,
      fromVersion: version + 1,
      events: [],
      money: [],
      consumed: [],
      letters: [],
      children: [],
      snapshot: undefined,
      tasks: [],
      recalls: [],
    },
    after: [],
  }
}

/** What goes along with events into one commit. */
export interface Along {
  readonly consumed?: readonly string[]
  readonly letters?: readonly Signal[]
  readonly children?: readonly ChildRun[]
  readonly tasks?: readonly NewTask[]
  readonly recalls?: readonly string[]
  readonly create?: NewRun
  readonly patch?: RunPatch
  /** Called when all of it is committed: effects that depend on the record start here. */
  readonly after?: () => void
}

/**
 * Folds events into the state and hands them, with their money, to the next commit.
 *
 * @remarks Everything recorded in one turn goes into one commit. A commit that fails takes the run
 * out of memory, since the state is then ahead of what is known to be stored.
 */
export function record(run: ActiveRun, events: readonly RunEvent[], along?: Along): void {
  if (!run.isHere) return
  const { outbox, state } = run
  const { change } = outbox
  const at = run.deps.clock.now()
  for (const event of events) {
    const timed = { at, event }
    addAll(change.money, moneyOf(state, timed, run))
    applyEvent(state, event, at)
    mergePatch(change, patchOf(state, timed))
    if (state.parent !== undefined && isFinal(state.status))
      change.letters.push(...lettersToParent(run))
    change.events.push(timed)
  }
  if (along !== undefined) takeAlong(outbox, along)
  if (run.isFlushDue) return
  run.isFlushDue = true
  run.hooks.flushSoon(run)
}

function takeAlong({ change, after }: Outbox, along: Along): void {
  mergePatch(change, along.patch)
  addAll(change.consumed, along.consumed)
  addAll(change.letters, along.letters)
  addAll(change.children, along.children)
  addAll(change.tasks, along.tasks)
  addAll(change.recalls, along.recalls)
  if (along.create !== undefined) change.create = along.create
  if (along.after !== undefined) after.push(along.after)
}

function addAll<Item>(list: Item[], more: readonly Item[] | undefined): void {
  if (more !== undefined) for (const item of more) list.push(item)
}

function mergePatch(change: Change, patch: RunPatch | undefined): void {
  if (patch === undefined) return
  change.patch = change.patch === undefined ? patch : { ...change.patch, ...patch }
}

/** How a child run tells its parent that it has ended. */
function lettersToParent({ id, state }: ActiveRun): readonly Signal[] {
  const { parent, output, failure, spent, status } = state
  if (parent === undefined) return []
  const payload: Record<string, Json> = {
    status: rowStatus(status),
    output,
    cost: spent.toString(),
  }
  if (failure !== undefined) payload['error'] = toJsonObject(failure.error)
  const { run, step, index } = parent
  return [
    {
      id: `end:${id}`,
      run,
      signal: 'run',
      step,
      ...(index !== undefined && { index }),
      payload,
      by: id,
    },
  ]
}

/** Takes what was recorded since the last time, to be committed. */
export function takeOutbox(run: ActiveRun): Outbox {
  const { outbox } = run
  run.isFlushDue = false
  run.outbox = emptyOutbox(run, run.state.version)
  return outbox
}

/** Hands what was recorded to the store. */
export async function flush(run: ActiveRun): Promise<void> {
  // What is recorded while a commit is under way goes into the next one, when that has ended.
  if (!run.isHere || run.isCommitting) return
  run.isCommitting = true
  addSnapshot(run, run.outbox.change)
  const { change, after } = takeOutbox(run)
  let result: Result<void, ErrorRecord>
  try {
    result = await run.deps.store.commit(change)
  } catch (fault) {
    leave(run, { kind: 'lost', fault })
    return
  }
  run.isCommitting = false
  if (!result.ok) leave(run, { kind: 'refused', refusal: result.refusal })
  else for (const callback of after) callback()
  if (run.isFlushDue) run.hooks.flushSoon(run)
}

/** The state goes along with the events that led to it, so that the next owner need not fold all. */
function addSnapshot(run: ActiveRun, change: Change): void {
  const { state, lastSnapshot, hooks } = run
  if (isFinal(state.status)) {
    if (lastSnapshot.version === 0) return
    change.snapshot = 'drop'
    run.lastSnapshot = NO_SNAPSHOT
  } else if (isSnapshotDue(lastSnapshot, state.version, hooks.snapshotEvery)) {
    const snapshot = takeSnapshot(state)
    change.snapshot = snapshot
    run.lastSnapshot = { version: state.version, bytes: snapshot.text.length }
  }
}

/** Takes the run out of memory and stops what still runs. */
export function leave(run: ActiveRun, reason: LeaveReason): void {
  if (!run.isHere) return
  run.isHere = false
  run.cancelTimer?.()
  for (; run.unstarted > 0; run.unstarted--) run.hooks.slots.give(run)
  for (const [key, stop] of run.stops) stop.stop(new StepAbortedError(key, 'it left this worker'))
  run.hooks.left(run, reason)
}
