import { isJsonObject, type Json, type JsonObject, toJsonObject } from '../../kernel/json.ts'
import type { Control } from '../machine/control.ts'
import { decideControl } from '../machine/decide-control.ts'
import { decideUpgrade, type Upgrade } from '../machine/decide-upgrade.ts'
import { decideSignal } from '../machine/decide-wait.ts'
import type { RunEvent } from '../machine/events.ts'
import { isFinal, type RunState } from '../machine/state.ts'
import { TASK_SIGNAL } from '../queue/task.ts'
import { resolution } from '../rollback/schema.ts'

import { type ActiveRun, leave, record } from './active-run.ts'
import { abortAll, pump } from './drive.ts'
import { holdOf } from './effects.ts'
import { CONTROL_SIGNAL, type Signal } from './run-store.ts'
import { answerTask } from './task-answers.ts'

/** Hands a signal to its run, once. */
export function deliver(run: ActiveRun, signal: Signal): void {
  // What comes while the run is being given up is left for whoever claims it next.
  if (!run.isHere || run.isLeaving || run.answered.has(signal.id)) return
  run.answered.add(signal.id)
  // A child run that has ended gives money back, and a request may bring some.
  run.isShort = false
  if (signal.signal === CONTROL_SIGNAL) answerControl(run, signal)
  else if (signal.signal === TASK_SIGNAL) answerTask(run, signal)
  else if (isFinal(run.state.status)) record(run, [], { consumed: [signal.id] })
  else {
    const { id, step, index, payload, by } = signal
    const events = decideSignal(
      run.state,
      { id, signal: signal.signal, step, index, payload, by },
      run.deps.clock.now(),
    )
    record(run, events, { consumed: [id] })
  }
  pump(run)
}

function answerControl(run: ActiveRun, signal: Signal): void {
  const { id, payload, by } = signal
  const upgrade = readUpgrade(payload, by)
  if (upgrade !== undefined) {
    answerUpgrade(run, upgrade, id)
    return
  }
  const control = readControl(payload, by)
  const result = control === undefined ? undefined : decideControl(run.state, control)
  if (result === undefined || !result.ok) {
    run.deps.log.info('workflow.request-refused', { run: run.id, request: payload })
    record(run, [], { consumed: [id] })
    return
  }
  const isCancel = control?.action === 'cancel' && result.value.length > 0
  record(run, withHold(run, result.value), { consumed: [id] })
  if (isCancel) abortAll(run, 'the run is cancelled')
}

/** The run leaves memory: whoever takes it up next folds it under its new definition. */
function answerUpgrade(run: ActiveRun, upgrade: Upgrade, signal: string): void {
  const { version, events } = run.adoption
  const adopted = run.state.version === version ? events : 0
  const result = decideUpgrade(run.state, upgrade, adopted)
  const consumed = [signal]
  if (!result.ok || run.busy.size > 0) {
    run.deps.log.info('workflow.request-refused', { run: run.id, request: 'upgrade' })
    record(run, [], { consumed })
    return
  }
  if (result.value.length === 0) {
    record(run, [], { consumed })
    return
  }
  const wakeAt = run.state.status === 'running' ? 0 : null
  run.isLeaving = true
  record(run, result.value, {
    consumed,
    patch: { definition: upgrade.definition, owner: null, wakeAt },
    after: () => leave(run, { kind: 'done' }),
  })
}

/** The payload of a request for an upgrade. */
export function toUpgradePayload({ definition, version, without, inputs }: Upgrade): Json {
  return {
    action: 'upgrade',
    definition,
    version,
    without,
    ...(inputs !== undefined && { inputs }),
  }
}

function readUpgrade(payload: Json, by: string): Upgrade | undefined {
  if (!isJsonObject(payload) || payload['action'] !== 'upgrade') return undefined
  const { definition, version, without, inputs } = payload
  if (typeof definition !== 'string' || typeof version !== 'number') return undefined
  const names = Array.isArray(without) ? without.filter((name) => typeof name === 'string') : []
  return {
    action: 'upgrade',
    by,
    definition,
    version,
    without: names,
    ...(isJsonObject(inputs) && { inputs }),
  }
}

/** The payload of a control signal. */
export function toPayload({ by: _, ...control }: Control): Json {
  void _
  return toJsonObject({
    ...control,
    ...('budget' in control &&
      control.budget !== undefined && { budget: control.budget.toString() }),
  })
}

function readControl(payload: Json, by: string): Control | undefined {
  if (!isJsonObject(payload)) return undefined
  const { action, reason, budget } = payload
  switch (action) {
    case 'cancel':
      return { action, by, ...(typeof reason === 'string' && { reason }) }
    case 'pause':
    case 'interrupt':
      return { action, by }
    case 'resume':
      return { action, by, ...(typeof budget === 'string' && { budget: BigInt(budget) }) }
    default:
      return readDecision(payload, by)
  }
}

/** What somebody has decided about going back. */
function readDecision(payload: JsonObject, by: string): Control | undefined {
  const { action, to, incident } = payload
  const note = typeof payload['note'] === 'string' && { note: payload['note'] }
  switch (action) {
    case 'rollback':
      return { action, by, ...(typeof to === 'string' && { to }) }
    case 'resolve': {
      const chosen = resolution.safeParse(payload['resolution'])
      return chosen.success ? { action, by, resolution: chosen.data, ...note } : undefined
    }
    case 'close-incident':
      return typeof incident === 'number' ? { action, by, incident, ...note } : undefined
    default:
      return undefined
  }
}

/** A run that has ended and goes on needs a new hold: the old one was released at its end. */
function withHold(run: ActiveRun, events: readonly RunEvent[]): readonly RunEvent[] {
  const { state, id } = run
  if (!isFinal(state.status) || !isPayer(state)) return events
  const hold = `${holdOf(id)}:${state.version + 1}`
  return events.map((event) => {
    if (event.kind === 'run.compensating') return { ...event, data: { ...event.data, hold } }
    const isRedrive = event.kind === 'run.resumed' && event.data.reason === 'redrive'
    return isRedrive ? { ...event, data: { ...event.data, hold } } : event
  })
}

function isPayer({ hold, parent }: RunState): boolean {
  return hold !== undefined && parent === undefined
}
