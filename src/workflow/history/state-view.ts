import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject, toJsonObject } from '../../kernel/json.ts'
import type { RunState, StepState, Unit } from '../machine/state.ts'
import { maskInputs } from '../sealing.ts'

import type { StateChange } from './schema.ts'

/** A state as people read it: items of lists are counted, amounts are µFTNS. */
export function viewState(state: RunState): JsonObject {
  const { status, pause, inputs, without, failure, output, mailbox, undoable, undo } = state
  const view: Record<string, Json> = {
    status,
    inputs: maskInputs(inputs),
    steps: Object.fromEntries([...state.steps].map(([name, step]) => [name, viewStep(step)])),
    inProgress: Object.fromEntries([...state.active].map(([key, unit]) => [key, viewUnit(unit)])),
    ready: state.ready,
    budget: state.budget.toString(),
    spent: state.spent.toString(),
    reserved: state.reserved.toString(),
  }
  if (pause !== undefined) view['pause'] = pause
  if (without.length > 0) view['without'] = without
  if (failure !== undefined) view['failure'] = plain(failure)
  if (output !== null) view['output'] = output
  if (mailbox.length > 0) view['letters'] = mailbox.map((letter) => plain(letter))
  if (undoable.size > 0) view['undoable'] = [...undoable.keys()]
  if (undo !== undefined) view['undoing'] = [...undo.active.keys()]
  return view
}

function viewStep({ status, output, error, items, needsLeft }: StepState): JsonObject {
  const view: Record<string, Json> = { status }
  if (needsLeft > 0) view['needsLeft'] = needsLeft
  if (output !== null) view['output'] = output
  if (error !== undefined) view['error'] = toJsonObject(error)
  if (items !== undefined) {
    const { count, done, active, failed } = items
    view['items'] = { count, done, active, ...(failed.length > 0 && { failed: [...failed] }) }
  }
  return view
}

function viewUnit({ phase, attempt, pass, crashes, bound, dueAt, waiting }: Unit): JsonObject {
  const view: Record<string, Json> = { phase, attempt }
  if (pass > 1) view['pass'] = pass
  if (crashes > 0) view['crashes'] = crashes
  if (bound > 0n) view['bound'] = bound.toString()
  if (dueAt !== undefined) view['dueAt'] = dueAt
  if (waiting !== undefined) view['waiting'] = plain(waiting)
  return view
}

/** Members that are undefined are left out. */
function plain(value: object): Json {
  const text: Json = JSON.parse(JSON.stringify(value))
  return text
}

/** Where two values differ, as deep as both are objects. */
export function diffJson(before: Json, after: Json, path = ''): readonly StateChange[] {
  if (!isJsonObject(before) || !isJsonObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): readonly StateChange[] => {
    const at = path === '' ? name : `${path}.${name}`
    const [old, now] = [before[name], after[name]]
    if (old === undefined) return now === undefined ? [] : [{ path: at, after: now }]
    return now === undefined ? [{ path: at, before: old }] : diffJson(old, now, at)
  })
}
