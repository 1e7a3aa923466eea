import type { JsonObject } from '../../kernel/json.ts'
import { checkDefinition } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { InvalidDefinitionError } from '../errors.ts'
import { applyEvent } from '../machine/apply.ts'
import { decideHandover, decideTakeover } from '../machine/decide-run.ts'
import type { RunEvent } from '../machine/events.ts'
import { createRunState, isFinal, type RunState } from '../machine/state.ts'

import { type ActiveRun, createActiveRun, record } from './active-run.ts'
import { pump } from './drive.ts'
import type { EngineState } from './engine-state.ts'
import { type ClaimedRun, NO_CHANGE } from './run-store.ts'
import { deliver } from './signals.ts'

/** Looks for runs and signals; calls while a look is under way lead to one more. */
export function look(engine: EngineState): void {
  if (engine.phase !== 'working') return
  if (engine.isLooking) {
    engine.isLookDue = true
    return
  }
  void lookUntilQuiet(engine)
}

async function lookUntilQuiet(engine: EngineState): Promise<void> {
  engine.isLooking = true
  try {
    do {
      engine.isLookDue = false
      await freeStrays(engine)
      const fresh = await claim(engine)
      await deliverAll(engine)
      for (const run of fresh) pump(run)
      if (fresh.length === CLAIM_BATCH) engine.isLookDue = true
    } while (engine.isLookDue && engine.phase === 'working')
  } catch (fault) {
    // The database may be away for a while; the next poll looks again.
    engine.deps.log.error('workflow.look-failed', fault)
  } finally {
    engine.isLooking = false
  }
}

/** Frees runs whose history was lost here, so that somebody reads it anew. */
export async function freeStrays(engine: EngineState): Promise<void> {
  for (const [run, worker] of engine.strays) {
    await engine.deps.store.release(worker, run)
    engine.strays.delete(run)
    engine.isLookDue = true
  }
}

/** Runs claimed in one statement. */
const CLAIM_BATCH = 200

/** Claims what there is room for, or one run by its id. */
export async function claim(engine: EngineState, wanted?: string): Promise<readonly ActiveRun[]> {
  const { deps, options, worker, parked } = engine
  const room = Math.min(CLAIM_BATCH, options.maxRuns - engine.runs.size)
  if (wanted === undefined && (room <= 0 || (!options.claims && parked.size === 0))) return []
  const limit = Math.max(1, room)
  const only = onlyOf(engine, wanted)
  const claimed = await deps.store.claim({ worker, limit, ...(only !== undefined && { only }) })
  const runs: ActiveRun[] = []
  for (const each of claimed) {
    const run = await adopt(engine, each)
    if (run !== undefined) runs.push(run)
  }
  return runs
}

/** The runs that may be claimed; `undefined`: all. */
function onlyOf(
  { options, parked }: EngineState,
  wanted: string | undefined,
): readonly string[] | undefined {
  if (wanted !== undefined) return [wanted]
  return options.claims ? undefined : [...parked]
}

/** Takes a claimed run into memory, as its history tells. */
async function adopt(engine: EngineState, claimed: ClaimedRun): Promise<ActiveRun | undefined> {
  const { deps, worker } = engine
  const { id, tenant, definition, isOrphan, events } = claimed
  let workflow: CompiledWorkflow
  try {
    workflow = await workflowOf(engine, definition)
  } catch (fault) {
    // Another worker may know the kinds of step that this one misses.
    deps.log.error('workflow.definition-unusable', fault, { run: id, definition })
    await postpone(engine, claimed)
    return undefined
  }
  const state = createRunState(workflow)
  for (const { event, at } of events) applyEvent(state, event, at)
  const run = createActiveRun(deps, engine.hooks, { id, tenant, worker, state })
  engine.runs.set(id, run)
  engine.parked.delete(id)
  record(run, adoption(state, { isOrphan, worker }))
  return run
}

/** How long a run that this worker cannot drive is left to others, milliseconds. */
const POSTPONE_MS = 30_000

async function postpone({ deps, worker }: EngineState, { id, tenant }: ClaimedRun): Promise<void> {
  const patch = { owner: null, wakeAt: deps.clock.now() + POSTPONE_MS }
  await deps.store.commit({ ...NO_CHANGE, run: id, worker, tenant, patch })
}

/** The events by which a run is taken on. */
export function adoption(
  state: RunState,
  { isOrphan, worker }: { readonly isOrphan: boolean; readonly worker: string },
): readonly RunEvent[] {
  if (isFinal(state.status)) return []
  if (state.status === 'created') return [{ kind: 'run.started', data: { worker } }]
  if (isOrphan) return decideTakeover(state, worker)
  const isUndoing = state.undoing !== undefined && state.undoing.dueAt === undefined
  const isMidway = state.running > 0 || isUndoing
  return isMidway ? decideHandover(worker) : []
}

/** The definition of this content, compiled once. */
export async function workflowOf(
  { deps, workflows }: Pick<EngineState, 'deps' | 'workflows'>,
  hash: string,
): Promise<CompiledWorkflow> {
  const known = workflows.get(hash)
  if (known !== undefined) return known
  const body: JsonObject | undefined = await deps.store.findDefinition(hash)
  const source = { value: body ?? null, file: undefined, place: () => undefined }
  const checked = checkDefinition(source, deps.kinds)
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  workflows.set(hash, checked.value)
  return checked.value
}

/** Hands every signal that has come to its run. */
export async function deliverAll(engine: EngineState): Promise<void> {
  if (engine.runs.size === 0) return
  for (const signal of await engine.deps.store.listSignals(engine.worker)) {
    const run = engine.runs.get(signal.run)
    if (run !== undefined) deliver(run, signal)
  }
}
