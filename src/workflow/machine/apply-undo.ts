import { assertNever } from '../../kernel/result.ts'

import { type RunEvent, unitKey, unitRef } from './events.ts'
import { pay } from './pay.ts'
import type { RunState } from './state.ts'

/** The events of undoing. */
export type UndoEvent = Extract<RunEvent, { readonly kind: `undo.${string}` }>

/** Folds an event of undoing; units are undone one by one, the last completed first. */
export function applyUndoEvent(state: RunState, event: UndoEvent): void {
  const key = unitKey(event.data)
  switch (event.kind) {
    case 'undo.started': {
      const ref = state.undoing?.ref ?? state.undoable.at(-1)
      if (ref === undefined || unitKey(ref) !== key)
        throw new TypeError(`"${key}" is not next to be undone`)
      state.undoing = { ref, attempt: event.data.attempt, dueAt: undefined }
      return
    }
    case 'undo.retrying':
      pay(state, event.data)
      if (state.undoing !== undefined) state.undoing = { ...state.undoing, dueAt: event.data.dueAt }
      return
    case 'undo.completed':
      pay(state, event.data)
      state.undoable.pop()
      state.undoing = undefined
      return
    case 'undo.failed':
      pay(state, event.data)
      state.undoFailures.push(unitRef(event.data))
      state.undoable.pop()
      state.undoing = undefined
      return
    default:
      return assertNever(event)
  }
}
