import type { CompiledWorkflow } from '../definition/compiled.ts'
import { BrokenHistoryError } from '../errors.ts'
import { foldOn, foldRun } from '../history/fold.ts'
import { restoreSnapshot } from '../history/snapshot.ts'
import { decideHandover, decideTakeover } from '../machine/decide-run.ts'
import type { RunEvent } from '../machine/events.ts'
import { isFinal, type RunState } from '../machine/state.ts'
import { nextOpening } from '../queue/window.ts'

import { type ActiveRun, createActiveRun, record } from './active-run.ts'
import { workflowOf } from './definitions.ts'
import { pump } from './drive.ts'
import type { EngineState } from './engine-state.ts'
import type { ClaimedRun, Postponement } from './run-store.ts'
import { serveTasks } from './serve-tasks.ts'
import { deliver } from './signals.ts'

/** Looks for runs and signals; calls while a look is under way lead to one more. */
export function look(engine: EngineState): void {
  if (engine.phase !== 'working') return
  if (engine.isLooking) {
    engine.isLookDue = true
    return
  }
  keepTurn(engine, lookUntilQuiet(engine))
}

/** Keeps in mind what goes on in the background, until it is over; it has dealt with its faults. */
export function keepTurn({ turns }: EngineState, turn: Promise<void>): void {
  turns.add(turn)
  void turn.finally(() => turns.delete(turn))
}

async function lookUntilQuiet(engine: EngineState): Promise<void> {
  engine.isLooking = true
  try {
    do {
      engine.isLookDue = false
      await freeStrays(engine)
      const fresh = await claimSome(engine)
      await goOn(engine, fresh)
      await serveTasks(engine, () => look(engine))
      // What was taken in may need no slot, and those that were taken may be free again.
      const isFull = roomFor(engine) <= 0 || engine.runs.size >= engine.options.maxRuns
      if (engine.hasBacklog && !isFull) engine.isLookDue = true
    } while (engine.isLookDue && engine.phase === 'working')
  } catch (fault) {
    // The database may be away for a while; the next poll looks again.
    if (engine.phase === 'working') engine.deps.log.error('workflow.look-failed', fault)
  } finally {
    engine.isLooking = false
  }
}

/** Frees runs whose history was lost here, so that somebody reads it anew. */
export async function freeStrays(engine: EngineState): Promise<void> {
  for (const [run, stray] of engine.strays) {
    await engine.deps.store.release(run, stray)
    engine.strays.delete(run)
    engine.isLookDue = true
  }
}

/** Runs claimed in one statement. */
const CLAIM_BATCH = 200

/** Claims what there is room for. */
async function claimSome(engine: EngineState): Promise<readonly ActiveRun[]> {
  const { deps, options, worker, parked } = engine
  const limit = Math.min(CLAIM_BATCH, options.maxRuns - engine.runs.size)
  engine.hasBacklog = options.claims && limit <= 0
  if (limit <= 0 || (!options.claims && parked.size === 0)) return []
  const fresh = Math.min(limit, roomFor(engine))
  const only = options.claims ? undefined : [...parked]
  const claimed = await deps.store.claim({ worker, limit, fresh, ...(only && { only }) })
  if (options.claims) engine.hasBacklog = claimed.hasMore
  return adoptAll(engine, claimed.runs)
}

/** Claims one run, whatever else waits and however full it is here. */
export async function claimOne(engine: EngineState, run: string): Promise<readonly ActiveRun[]> {
  const { deps, worker } = engine
  const { runs } = await deps.store.claim({ worker, limit: 1, only: [run] })
  return adoptAll(engine, runs)
}

/** Lets claimed runs go on, with what they were asked meanwhile, or without it when it cannot be read. */
export async function goOn(engine: EngineState, runs: readonly ActiveRun[]): Promise<void> {
  try {
    await deliverAll(engine)
  } finally {
    for (const run of runs) pump(run)
  }
}

/** One that cannot be taken into memory is freed; it must not keep the others from it. */
async function adoptAll(
  engine: EngineState,
  claimed: readonly ClaimedRun[],
): Promise<readonly ActiveRun[]> {
  const { deps, worker, strays } = engine
  const runs: ActiveRun[] = []
  for (const each of claimed) {
    try {
      const run = await adopt(engine, each)
      if (run !== undefined) runs.push(run)
    } catch (fault) {
      deps.log.error('workflow.not-taken', fault, { run: each.id })
      strays.set(each.id, { worker, isLost: each.isOrphan })
    }
  }
  return runs
}

/**
 * How many runs may be begun here: more than a worker can work on would wait in it for slots that
 * others have. One that claims no others' runs leaves nothing to them.
 */
export function roomFor({ options, slots }: EngineState): number {
  return options.claims ? slots.room : CLAIM_BATCH
}

/** Takes a claimed run into memory, as its history tells. */
async function adopt(engine: EngineState, claimed: ClaimedRun): Promise<ActiveRun | undefined> {
  const { deps, worker } = engine
  const { id, tenant, definition, isOrphan } = claimed
  let workflow: CompiledWorkflow
  try {
    workflow = await workflowOf(engine, definition)
  } catch (fault) {
    // Another worker may know the kinds of step that this one misses.
    deps.log.error('workflow.definition-unusable', fault, { run: id, definition })
    await postpone(engine, claimed, { wakeAt: deps.clock.now() + POSTPONE_MS })
    return undefined
  }
  const state = await stateOf(engine, workflow, claimed)
  if (state.version !== claimed.version) {
    // Whatever follows from it would be wrong, and it would be written down.
    deps.log.error('workflow.history-broken', new BrokenHistoryError(id, claimed.version))
    await postpone(engine, claimed, { wakeAt: deps.clock.now() + POSTPONE_MS })
    return undefined
  }
  const opening = claimed.isAsked ? undefined : whenOpen(state, deps.clock.now())
  if (opening !== undefined) {
    await postpone(engine, claimed, { status: 'scheduled', wakeAt: opening })
    return undefined
  }
  const lastSnapshot = {
    version: claimed.snapshot?.version ?? 0,
    bytes: claimed.snapshot?.text.length ?? 0,
  }
  const run = createActiveRun(deps, engine.hooks, { id, tenant, worker, state, lastSnapshot })
  engine.runs.set(id, run)
  engine.parked.delete(id)
  const before = state.version
  record(run, adoption(state, { isOrphan, worker }))
  run.adoption = { version: state.version, events: state.version - before }
  return run
}

/** The state of a claimed run: its snapshot and what came after it, or the fold of everything. */
async function stateOf(
  { deps }: EngineState,
  workflow: CompiledWorkflow,
  { id, snapshot, events }: ClaimedRun,
): Promise<RunState> {
  if (snapshot === undefined) return foldRun(workflow, events)
  const known = restoreSnapshot(workflow, snapshot)
  if (known !== undefined) return foldOn(known, events)
  deps.log.warn('workflow.snapshot-unusable', { run: id, version: snapshot.version })
  return foldRun(workflow, await deps.store.readEvents(id))
}

/** How long a run that this worker cannot drive is left to others, milliseconds. */
const POSTPONE_MS = 30_000

/** When a run whose turn came too late may begin next; `undefined`: now. */
function whenOpen({ status, terms }: RunState, now: number): number | undefined {
  if (status !== 'created' || terms?.window === undefined) return undefined
  const opening = nextOpening(terms.window, now)
  return opening === now ? undefined : opening
}

async function postpone(
  { deps, worker }: EngineState,
  { id, isAsked }: ClaimedRun,
  until: Pick<Postponement, 'status' | 'wakeAt'>,
): Promise<void> {
  await deps.store.postpone(id, { ...until, worker, isAsked })
}

/** The events by which a run is taken on. */
export function adoption(
  state: RunState,
  { isOrphan, worker }: { readonly isOrphan: boolean; readonly worker: string },
): readonly RunEvent[] {
  if (isFinal(state.status)) return []
  if (state.status === 'created') return [{ kind: 'run.started', data: { worker } }]
  if (isOrphan) return decideTakeover(state, worker)
  const isMidway = state.running > 0 || isUndoing(state)
  return isMidway ? decideHandover(worker) : []
}

/** Whether something was being undone, or removed, when the last owner gave the run up. */
function isUndoing({ undo, cleaning }: RunState): boolean {
  const active = [...(undo?.active.values() ?? []), ...cleaning.values()]
  return active.some(({ dueAt }) => dueAt === undefined)
}

/** Hands every signal that has come to its run. */
async function deliverAll(engine: EngineState): Promise<void> {
  if (engine.runs.size === 0) return
  for (const signal of await engine.deps.store.listSignals(engine.worker)) {
    const run = engine.runs.get(signal.run)
    if (run !== undefined) deliver(run, signal)
  }
}
