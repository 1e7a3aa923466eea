import { ok, refuse, type Result } from '../../kernel/result.ts'
import type { Resolution } from '../rollback/schema.ts'
import { protectedSteps } from '../rollback/selection.ts'

import { type Control, type ControlRefusal, notPossible } from './control.ts'
import type { RunEvent, WaitingFor } from './events.ts'
import { openIncidents } from './incidents.ts'
import { isFinal, type RunState } from './state.ts'
import { unitsToUndo } from './undo-plan.ts'

/** The events when somebody asks for a rollback. */
export function decideRollback(
  state: RunState,
  { by, to }: Extract<Control, { action: 'rollback' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const obstacle = rollbackObstacle(state, to)
  if (obstacle !== undefined)
    return refuse({ ...notPossible('rollback', state.status), message: obstacle })
  const strategy = to === undefined ? 'full_rollback' : 'partial_rollback'
  const units = unitsToUndo(state, { strategy, to }).length
  const data = { units, strategy, by, ...(to !== undefined && { to }) } as const
  return ok([
    ...closings(state, { by, resolution: 'compensate' }),
    { kind: 'run.compensating', data },
  ])
}

/** The events when somebody decides about a run that waits for that. */
export function decideResolve(
  state: RunState,
  { by, resolution, note }: Extract<Control, { action: 'resolve' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const { status, pause, failure } = state
  if (status !== 'paused' || pause !== 'incident' || failure === undefined) {
    return refuse({
      ...notPossible('resolve', status),
      message: 'the run does not wait for a decision',
      hint: 'prsm incidents ls shows what does',
    })
  }
  const closed = closings(state, { by, resolution, ...(note !== undefined && { note }) })
  const goesOn: RunEvent = { kind: 'run.resumed', data: { reason: 'redrive', by } }
  switch (resolution) {
    case 'retry':
      return ok([...closed, goesOn])
    case 'skip':
      return ok([...closed, goesOn, ...skipFailed(state)])
    case 'compensate': {
      const strategy = 'full_rollback'
      const units = unitsToUndo(state, { strategy, to: undefined }).length
      const data = { units, strategy, failure: failure.kind, by } as const
      return ok([...closed, { kind: 'run.compensating', data }])
    }
    case 'give_up':
      return ok([...closed, { kind: 'run.stopping', data: { error: failure.error } }])
    default:
      throw new TypeError(`unknown resolution ${JSON.stringify(resolution)}`)
  }
}

function skipFailed({ steps }: RunState): readonly RunEvent[] {
  return [...steps].flatMap(([step, { status }]): readonly RunEvent[] =>
    status === 'failed' ? [{ kind: 'step.skipped', data: { step, reason: 'resolved' } }] : [],
  )
}

interface Closing {
  readonly by: string
  readonly resolution: Resolution
  readonly note?: string
}

/** A decision about the run ends the incidents that asked for one. */
export function closings(state: RunState, closing: Closing): readonly RunEvent[] {
  return openIncidents(state)
    .filter(({ reason }) => reason === 'manual_intervention')
    .map(({ incident }) => ({ kind: 'incident.resolved', data: { incident, ...closing } }))
}

/** The events when an incident was finished by hand. */
export function decideClose(
  state: RunState,
  { by, incident, note }: Extract<Control, { action: 'close-incident' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const found = state.incidents.find((each) => each.incident === incident)
  if (found?.isOpen !== true) return ok([])
  if (found.reason === 'manual_intervention') {
    return refuse({
      ...notPossible('resolve', state.status),
      message: 'the run waits for a decision, not for something done by hand',
      hint: 'prsm rollback resolve RUN retry, skip, compensate or give-up',
    })
  }
  const data = { incident, by, resolution: 'by_hand', ...(note !== undefined && { note }) } as const
  return ok([{ kind: 'incident.resolved', data }])
}

/** Why a run cannot be rolled back as it is; `undefined` when it can. */
export function rollbackObstacle(state: RunState, to: string | undefined): string | undefined {
  const { status, parent, steps } = state
  if (parent !== undefined)
    return `a run that was started by a step is rolled back with the run it belongs to: ${parent.run}`
  if (status !== 'paused' && !isFinal(status))
    return `cannot roll back a run that is ${status}: pause or cancel it first`
  if (state.running > 0) return 'steps of the run are still running'
  if ([...state.active.values()].some(({ waiting }) => isElsewhere(waiting)))
    return 'a step is in progress elsewhere: cancel the run instead, which ends both'
  if (to === undefined) return undefined
  const step = steps.get(to)
  if (step === undefined) return `the run has no step "${to}"`
  if (step.status !== 'completed')
    return `step "${to}" has not completed, so nothing goes back to it`
  const stays = protectedSteps(state)
  const pivot = [...state.workflow.steps.values()].find(
    ({ name, isPivot }) => isPivot && stays.has(name) && needsStep(state, name, to),
  )
  return pivot === undefined
    ? undefined
    : `step "${pivot.name}" is a pivot and has completed: there is no going back before it`
}

function isElsewhere(waiting: WaitingFor | undefined): boolean {
  return waiting?.child !== undefined || waiting?.task !== undefined
}

/** Whether a step needs another one, if only through others. */
function needsStep({ workflow }: RunState, name: string, other: string): boolean {
  const seen = new Set([name])
  for (const each of seen) for (const need of workflow.steps.get(each)?.needs ?? []) seen.add(need)
  return name !== other && seen.has(other)
}
