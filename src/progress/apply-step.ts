import {
  findStep,
  hasEnded,
  inState,
  paid,
  putStep,
  recounted,
  release,
  settled,
} from './change.ts'
import { errorIn, numberIn, type ProgressEvent, textIn } from './event.ts'
import { begin, countUnits, end as endUnit, goOn, move, NO_UNITS, type UnitPhase } from './units.ts'
import type { RunView, StepView, StepWait } from './view.ts'

/** Folds one kind of event. */
export type Fold = (view: RunView, event: ProgressEvent) => RunView

type StepFold = (view: RunView, event: ProgressEvent, step: StepView) => RunView

/** An event of a step that the definition does not have changes nothing. */
const onStep =
  (fold: StepFold): Fold =>
  (view, event) => {
    const step = findStep(view, textIn(event.data, 'step'))
    return step === undefined ? view : fold(view, event, step)
  }

/** The folds of events of steps, by kind. */
export const STEP_FOLDS: Readonly<Record<string, Fold>> = {
  'step.skipped': onStep(skipped),
  'step.expanded': onStep(expanded),
  'step.started': onStep((view, event, step) => begun(view, event, { step, phase: 'running' })),
  'step.waiting': onStep(waiting),
  'step.assigned': onStep(assigned),
  'step.retrying': onStep(retrying),
  'step.repeating': onStep(repeating),
  'step.completed': onStep(completed),
  'step.adopted': onStep(completed),
  'step.failed': onStep(failed),
  'undo.started': onStep((view, { at }, step) => putStep(view, inState(step, 'undoing', at))),
  'undo.retrying': onStep((view, event, step) =>
    paid(view, event, { ...step, error: errorIn(event.data, 'error') }),
  ),
  'undo.completed': onStep((view, event, step) =>
    paid(view, event, { ...inState(step, 'undone', event.at), error: undefined }),
  ),
  'undo.failed': onStep((view, event, step) =>
    paid(view, event, {
      ...inState(step, 'failed', event.at),
      error: errorIn(event.data, 'error'),
    }),
  ),
}

function skipped(view: RunView, { data, at }: ProgressEvent, step: StepView): RunView {
  const told = data['reason']
  const skipReason = told === 'needs' || told === 'patch' ? told : 'when'
  const next = putStep(view, { ...inState(step, 'skipped', at), skipReason })
  // A step left out by its own condition blocks nobody; one whose needs failed does.
  return skipReason !== 'needs' ? release(next, step.name, at) : next
}

function expanded(view: RunView, { data, at }: ProgressEvent, step: StepView): RunView {
  const total = Math.max(0, Math.trunc(numberIn(data, 'count') ?? 0))
  const next = { ...step, items: { done: 0, failed: 0, active: 0, total } }
  if (total > 0) return putStep(view, next)
  return release(putStep(view, { ...inState(next, 'completed', at), ms: 0 }), step.name, at)
}

interface Begin {
  readonly step: StepView
  readonly phase: UnitPhase
  readonly waitingFor?: StepWait
}

function begun(
  view: RunView,
  { data, at }: ProgressEvent,
  { step, phase, waitingFor }: Begin,
): RunView {
  const attempt = numberIn(data, 'attempt') ?? 1
  const pass = numberIn(data, 'pass') ?? 1
  const next: StepView = {
    ...step,
    attempt,
    pass,
    units: begin(step.units, phase, { attempt, pass }),
    startedAt: step.startedAt ?? at,
    waitingFor,
  }
  const counted = recounted(settled(next, at), {})
  // What a person watches of a single unit is its present try.
  return putStep(view, step.items === undefined ? { ...counted, since: at } : counted)
}

function waiting(view: RunView, event: ProgressEvent, step: StepView): RunView {
  const { data } = event
  const what = textIn(data, 'for')
  const kind = what === 'time' || what === 'run' || what === 'task' ? what : 'signal'
  const [signal, child, dueAt] = [
    textIn(data, 'signal'),
    textIn(data, 'child'),
    numberIn(data, 'dueAt'),
  ]
  const question = view.graph.plans[view.graph.places.get(step.name) ?? -1]?.question
  const waitingFor: StepWait = {
    for: kind,
    ...(signal !== undefined && kind === 'signal' && { signal }),
    ...(child !== undefined && { child }),
    ...(dueAt !== undefined && { dueAt }),
    ...(question !== undefined && { question }),
  }
  // The other run works, so this step does.
  return begun(view, event, { step, phase: kind === 'run' ? 'running' : 'waiting', waitingFor })
}

/** A worker has taken what waited in the queue. */
function assigned(view: RunView, { at }: ProgressEvent, step: StepView): RunView {
  const next = { ...step, units: goOn(step.units), waitingFor: undefined }
  return putStep(view, recounted(settled(next, at), {}))
}

function retrying(view: RunView, event: ProgressEvent, step: StepView): RunView {
  const { data, at } = event
  const next = { ...step, units: move(step.units, 'retrying'), error: errorIn(data, 'error') }
  return paid(worked(view, event, step), event, recounted(settled(next, at), {}))
}

function repeating(view: RunView, event: ProgressEvent, step: StepView): RunView {
  const next = { ...step, units: move(step.units, 'repeating'), error: undefined }
  return paid(worked(view, event, step), event, recounted(settled(next, event.at), {}))
}

function completed(view: RunView, event: ProgressEvent, step: StepView): RunView {
  return unitDone(worked(view, event, step), event, { ...step, error: undefined })
}

/** A unit is done: its result is there, or what the definition takes instead of it. */
function unitDone(view: RunView, event: ProgressEvent, step: StepView): RunView {
  const { data, at } = event
  const { tally } = view
  const counted = { ...view, tally: { ...tally, doneUnits: tally.doneUnits + 1 } }
  const units = endUnit(step.units)
  const { items } = step
  if (items === undefined || data['index'] === undefined) {
    const isOneTry = step.attempt <= 1 && step.pass <= 1
    const ms = isOneTry ? numberIn(data, 'ms') : undefined
    return stepDone(counted, event, { ...step, units, ms })
  }
  const next = recounted({ ...step, units }, { done: items.done + 1 })
  if (items.done + 1 >= items.total) return stepDone(counted, event, next)
  return paid(counted, event, settled(next, at))
}

function stepDone(view: RunView, event: ProgressEvent, step: StepView): RunView {
  const { at } = event
  const ms = step.ms ?? at - (step.startedAt ?? at)
  const next = { ...inState(step, 'completed', at), ms, units: NO_UNITS, waitingFor: undefined }
  return release(paid(view, event, next), step.name, at)
}

function failed(view: RunView, event: ProgressEvent, step: StepView): RunView {
  const { data, at } = event
  const error = errorIn(data, 'error')
  const next = worked(view, event, step)
  // The step shows what went wrong, and the run goes on without it.
  if (data['fallback'] !== undefined) return unitDone(next, event, { ...step, error })
  const units = endUnit(step.units)
  const isItem = step.items !== undefined && data['index'] !== undefined
  const isStopped = error?.code === 'workflow.aborted'
  const ended: StepView = {
    ...inState(step, isStopped ? 'stopped' : 'failed', at),
    units: isItem ? units : NO_UNITS,
    ms: at - (step.startedAt ?? at),
    error,
    waitingFor: undefined,
  }
  const put = paid(next, event, recounted(ended, { failed: (step.items?.failed ?? 0) + 1 }))
  if (put.failure !== undefined || error === undefined) return put
  return { ...put, failure: { step: step.name, error } }
}

/** Adds how long a unit took, as far as its event tells. */
function worked(view: RunView, { data, at }: ProgressEvent, step: StepView): RunView {
  const told = numberIn(data, 'ms')
  const isSingle = data['index'] === undefined && countUnits(step.units) > 0 && !hasEnded(step)
  const seen = isSingle && step.since !== undefined ? at - step.since : 0
  const tally = view.tally.pausedAt === undefined ? view.tally : { ...view.tally, pausedAt: at }
  return { ...view, tally, sequentialMs: view.sequentialMs + Math.max(0, told ?? seen) }
}
