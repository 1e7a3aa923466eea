import { toErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { StepAbortedError } from '../errors.ts'
import { decideFinish, nextMove } from '../machine/decide-run.ts'
import type { RunEvent } from '../machine/events.ts'
import { nextUnits } from '../machine/ready.ts'

import { type ActiveRun, record } from './active-run.ts'
import { beginUnit } from './begin-unit.ts'
import { evaluate } from './prepare-unit.ts'
import { parkOrArm } from './timers.ts'
import { undoNext } from './undo.ts'

/** Begins whatever can begin, and takes the next step of the run as a whole. */
export function pump(run: ActiveRun): void {
  if (run.isPumping) {
    run.isPumpDue = true
    return
  }
  run.isPumping = true
  do {
    run.isPumpDue = false
    if (run.isHere) turn(run)
  } while (run.isPumpDue)
  run.isPumping = false
  if (run.isHere) parkOrArm(run, () => pump(run))
}

function turn(run: ActiveRun): void {
  const move = nextMove(run.state, run.busy.size > 0)
  switch (move.kind) {
    case 'events':
      record(run, move.events)
      run.isPumpDue = true
      return
    case 'finish':
      finish(run)
      return
    case 'undo':
      undoNext(run, move, () => pump(run))
      return
    case 'work':
      beginUnits(run)
      return
    default:
      throw new TypeError('unknown move')
  }
}

function beginUnits(run: ActiveRun): void {
  if (run.isShort || !run.hooks.isOpen()) return
  const { slots } = run.hooks
  const limit = slots.free
  const candidates = nextUnits(run.state, {
    limit: Math.max(1, limit),
    busy: run.busy,
    now: run.deps.clock.now(),
  })
  if (candidates.length > 0 && limit <= 0) {
    slots.await(() => pump(run))
    return
  }
  for (const candidate of candidates) beginUnit(run, candidate)
  if (candidates.length === limit) slots.await(() => pump(run))
}

/** Computes what the run gives, and ends it. */
function finish(run: ActiveRun): void {
  if (run.isFinishing) return
  run.isFinishing = true
  void endingOf(run).then((events) => {
    run.isFinishing = false
    record(run, events)
    return pump(run)
  })
}

async function endingOf(run: ActiveRun): Promise<readonly RunEvent[]> {
  try {
    return decideFinish(run.state, await outputOf(run))
  } catch (fault) {
    return [{ kind: 'run.stopping', data: { error: toErrorRecord(fault) } }]
  }
}

async function outputOf(run: ActiveRun): Promise<Json> {
  const { state, deps, id } = run
  const { workflow } = state
  if (workflow.output !== undefined) {
    const names = [...workflow.steps.keys()]
    const moment = { run: { id, name: workflow.name }, steps: names, more: {} }
    return deps.artifacts.deflate(await evaluate(run, workflow.output, moment))
  }
  const last = [...workflow.steps.values()].filter(({ dependents }) => dependents.length === 0)
  return Object.fromEntries(last.map(({ name }) => [name, state.steps.get(name)?.output ?? null]))
}

/** Stops everything that runs; the endings are recorded as they come. */
export function abortAll(run: ActiveRun, reason: string): void {
  for (const [key, stop] of run.stops) stop.stop(new StepAbortedError(key, reason))
}
