import { ok, refuse, type Result } from '../../kernel/result.ts'

import { notPossible, type Control, type ControlRefusal } from './control.ts'
import { closings, decideClose, decideResolve, decideRollback } from './decide-decision.ts'
import type { RunEvent } from './events.ts'
import { isFinal, type RunState } from './state.ts'

/** The events of a request; none when the run is in that state already. */
export function decideControl(
  state: RunState,
  control: Control,
): Result<readonly RunEvent[], ControlRefusal> {
  switch (control.action) {
    case 'cancel':
      return decideCancel(state, control)
    case 'pause':
    case 'interrupt':
      return decidePause(state, control)
    case 'resume':
      return decideResume(state, control)
    case 'rollback':
      return decideRollback(state, control)
    case 'resolve':
      return decideResolve(state, control)
    case 'close-incident':
      return decideClose(state, control)
    default:
      throw new TypeError(`unknown request ${JSON.stringify(control)}`)
  }
}

function decideCancel(
  state: RunState,
  { by, reason }: Extract<Control, { action: 'cancel' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const { status } = state
  if (status === 'cancelling' || status === 'cancelled') return ok([])
  if (isFinal(status)) return refuse(notPossible('cancel', status))
  if (status === 'compensating' || status === 'stopping')
    return refuse(notPossible('cancel', status))
  return ok([
    ...closings(state, { by, resolution: 'compensate' }),
    { kind: 'run.cancelling', data: { by, ...(reason !== undefined && { reason }) } },
  ])
}

function decidePause(
  { status, pause }: RunState,
  { action, by }: Extract<Control, { action: 'pause' | 'interrupt' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const reason = action === 'pause' ? 'request' : 'interrupt'
  if (status === 'paused' && (pause === reason || action === 'pause')) return ok([])
  if (status !== 'running' && status !== 'created' && status !== 'paused') {
    return refuse(notPossible(action, status))
  }
  return ok([{ kind: 'run.paused', data: { reason, by } }])
}

function decideResume(
  state: RunState,
  { by, budget }: Extract<Control, { action: 'resume' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const more = budget !== undefined && budget > state.budget && { budget: budget.toString() }
  if (state.status === 'paused') {
    const isAnew = state.pause === 'incident' || state.pause === 'rollback'
    return ok([
      ...closings(state, { by, resolution: 'retry' }),
      { kind: 'run.resumed', data: { reason: isAnew ? 'redrive' : 'request', by, ...more } },
    ])
  }
  if (state.status !== 'failed') {
    return state.status === 'running' ? ok([]) : refuse(notPossible('resume', state.status))
  }
  if (state.parent !== undefined) {
    return refuse({
      ...notPossible('resume', 'failed'),
      message: 'a run that was started by a step is resumed with the run it belongs to',
      hint: `prsm resume ${state.parent.run}`,
    })
  }
  if (state.undoFailures.length > 0 || state.undone.size > 0) {
    return refuse({
      ...notPossible('resume', 'failed'),
      message: 'the run was undone after its failure, so there is nothing to resume from',
      hint:
        state.undoFailures.length > 0
          ? 'finish by hand what could not be undone: prsm incidents ls'
          : 'start a new run',
    })
  }
  return ok([{ kind: 'run.resumed', data: { reason: 'redrive', by, ...more } }])
}
