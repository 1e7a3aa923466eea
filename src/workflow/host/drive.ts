import { toErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { StepAbortedError } from '../errors.ts'
import type { Template } from '../expressions/template.ts'
import { cleanUnits } from '../machine/decide-rollback.ts'
import { decideFinish, nextMove, type NextMove } from '../machine/decide-run.ts'
import { type RunEvent, unitKey } from '../machine/events.ts'
import { type Candidate, nextUnits } from '../machine/ready.ts'

import { type ActiveRun, record } from './active-run.ts'
import { beginUnit } from './begin-unit.ts'
import { hiddenIn } from './opened.ts'
import { evaluate } from './prepare-unit.ts'
import { redact, redactError } from './redact.ts'
import { CONTROL_SIGNAL, type Signal } from './run-store.ts'
import { undoUnits } from './undo.ts'

/** Begins whatever can begin, and takes the next step of the run as a whole. */
export function pump(run: ActiveRun): void {
  if (run.isLeaving) return
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
  if (run.isHere) run.hooks.rest(run)
}

function turn(run: ActiveRun): void {
  const { leavings, cleaning } = run.state
  if (leavings.size + cleaning.size > 0) undoUnits(run, cleanUnits(run.state, run.deps.clock.now()))
  const move = nextMove(run.state, run.busy.size > 0)
  switch (move.kind) {
    case 'events':
      record(run, move.events)
      run.isPumpDue = true
      return
    case 'finish':
      finish(run)
      return
    case 'recall':
      if (!run.isRecalling) recall(run, move)
      run.isRecalling = true
      return
    case 'undo':
      undoUnits(run, move.units)
      return
    case 'work':
      beginUnits(run)
      return
    default:
      throw new TypeError('unknown move')
  }
}

function beginUnits(run: ActiveRun): void {
  const now = run.deps.clock.now()
  run.lookedAt = now
  if (run.isShort || !run.hooks.isOpen()) return
  const { slots } = run.hooks
  const limit = slots.free
  const candidates = nextUnits(run.state, { limit: Math.max(1, limit), busy: run.busy, now })
  if (candidates.length > 0 && limit <= 0) {
    slots.await(run, () => pump(run))
    return
  }
  let begun = 0
  for (const candidate of candidates) {
    if (!isAdmitted(run, candidate)) continue
    beginUnit(run, candidate)
    begun++
  }
  if (begun < candidates.length) run.hooks.suspects.await(run, () => pump(run))
  // Where none is admitted, a slot changes nothing: it would be offered again and again.
  if (candidates.length === limit && begun > 0) slots.await(run, () => pump(run))
}

/** Whether a unit may begin now beside those that run. */
function isAdmitted({ state, hooks }: ActiveRun, candidate: Candidate): boolean {
  return hooks.suspects.admits(state.active.get(unitKey(candidate))?.crashes ?? 0)
}

/** Computes what the run gives, and ends it. */
function finish(run: ActiveRun): void {
  if (run.isFinishing) return
  const { state } = run
  const template = state.workflow.output
  if (template === undefined) {
    record(run, decideFinish(state, lastOutputs(state)))
    return
  }
  run.isFinishing = true
  void endingOf(run, template).then((events) => {
    run.isFinishing = false
    record(run, events)
    return pump(run)
  })
}

/** What the steps that nobody needs have given, by name. */
function lastOutputs({ workflow, steps }: ActiveRun['state']): Json {
  const outputs: Record<string, Json> = {}
  for (const { name, dependents } of workflow.steps.values()) {
    if (dependents.length === 0) outputs[name] = steps.get(name)?.output ?? null
  }
  return outputs
}

async function endingOf(run: ActiveRun, template: Template): Promise<readonly RunEvent[]> {
  const { state, deps, id } = run
  const steps = [...state.workflow.steps.keys()]
  try {
    const moment = { run: { id, name: state.workflow.name }, steps, more: {} }
    const output = await evaluate(run, template, moment)
    const shown = redact(output, hiddenIn(run, []))
    return decideFinish(state, await deps.artifacts.deflate(shown))
  } catch (fault) {
    const error = redactError(toErrorRecord(fault), hiddenIn(run, []))
    return [{ kind: 'run.stopping', data: { error } }]
  }
}

/** A run that ends takes its children and queued units along, and waits until they have ended. */
function recall(
  run: ActiveRun,
  { children, tasks }: Extract<NextMove, { readonly kind: 'recall' }>,
): void {
  const letters = children.map((child) => cancelLetter(child, run.id))
  record(run, [], { letters, recalls: tasks })
}

/** The request to cancel a child run; sent twice, it is kept once. */
function cancelLetter(child: string, parent: string): Signal {
  return {
    id: `cancel:${child}`,
    run: child,
    signal: CONTROL_SIGNAL,
    payload: { action: 'cancel', reason: `its parent ${parent} has ended` },
    by: parent,
  }
}

/** Stops everything that runs; the endings are recorded as they come. */
export function abortAll(run: ActiveRun, reason: string): void {
  for (const [key, stop] of run.stops) stop.stop(new StepAbortedError(key, reason))
}
