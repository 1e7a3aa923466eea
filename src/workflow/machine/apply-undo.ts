import type { EpochMs } from '../../kernel/clock.ts'
import { assertNever } from '../../kernel/result.ts'
import { isRefusal } from '../retry.ts'

import { type RunEvent, type RunEventOf, unitKey, type UnitRef, unitRef } from './events.ts'
import { pay } from './pay.ts'
import type { CleanupAction, RunState, Undoing } from './state.ts'
import { closeUnit, takeReady } from './undo-plan.ts'

/** The events of undoing, and of removing what steps leave. */
export type UndoEvent = Extract<RunEvent, { readonly kind: `undo.${string}` | `clean.${string}` }>

/** Folds an event of undoing. */
export function applyUndoEvent(state: RunState, event: UndoEvent): void {
  switch (event.kind) {
    case 'undo.started':
      return undoStarted(state, event.data)
    case 'undo.retrying':
      pay(state, event.data)
      return again(state.undo?.active, event.data)
    case 'undo.completed':
      pay(state, event.data)
      return undoEnded(state, event.data, true)
    case 'undo.failed':
      pay(state, event.data)
      return undoEnded(state, event.data, false)
    case 'clean.started':
      return cleanStarted(state, event.data)
    case 'clean.retrying':
      pay(state, event.data)
      return again(state.cleaning, event.data)
    case 'clean.completed':
    case 'clean.failed':
      pay(state, event.data)
      return cleanEnded(state, event.data, event.kind === 'clean.completed')
    default:
      return assertNever(event)
  }
}

interface Began extends UnitRef {
  readonly attempt: number
}

function undoStarted(state: RunState, { attempt, ...unit }: Began): void {
  const { undo } = state
  const key = unitKey(unit)
  const known = undo?.active.get(key)
  const ref = known?.ref ?? (undo === undefined ? undefined : takeReady(undo, key))
  if (undo === undefined || ref === undefined)
    throw new TypeError(`"${key}" is not to be undone now`)
  undo.active.set(key, begunAgain(known, { ref, attempt }))
}

/** The effects of the unit are undone, or will never be: either way nothing waits for it any more. */
function undoEnded(state: RunState, unit: UnitRef, isUndone: boolean): void {
  const { undo } = state
  const key = unitKey(unit)
  if (undo?.active.delete(key) !== true) return
  state.undoable.delete(key)
  state.undone.set(unit.step, (state.undone.get(unit.step) ?? 0) + 1)
  if (isUndone) undo.completed++
  else {
    undo.failed++
    state.undoFailures.push(unitRef(unit))
  }
  closeUnit(state, undo, unit.step)
}

/** A unit with its next try under way; what is known of earlier ones stays. */
function begunAgain(
  known: Undoing | undefined,
  { ref, attempt }: Pick<Undoing, 'ref' | 'attempt'>,
): Undoing {
  return { crashes: 0, ...known, ref, attempt, dueAt: undefined }
}

function again(
  active: Map<string, Undoing> | undefined,
  { dueAt, error, ...unit }: RunEventOf<'undo.retrying'>['data'],
): void {
  const key = unitKey(unit)
  const known = active?.get(key)
  if (known === undefined) return
  const refusals = (known.refusals ?? 0) + (isRefusal(error.code) ? 1 : 0)
  active?.set(key, { ...known, dueAt, ...(refusals > 0 && { refusals }) })
}

function cleanStarted(state: RunState, { attempt, ...unit }: Began): void {
  const key = unitKey(unit)
  const known = state.cleaning.get(key)
  const ref = known?.ref ?? state.leavings.get(key)
  if (ref === undefined) throw new TypeError(`"${key}" has left nothing to be removed`)
  state.leavings.delete(key)
  state.cleaning.set(key, begunAgain(known, { ref, attempt }))
}

function cleanEnded(state: RunState, unit: UnitRef, isDone: boolean): void {
  if (!state.cleaning.delete(unitKey(unit))) return
  const counts = state.cleaned[cleanupActionOf(state, unit)]
  if (isDone) counts.completed++
  else counts.failed++
}

/** What removing the leavings of a step is called: files are artifacts, the rest is held elsewhere. */
export function cleanupActionOf({ workflow }: RunState, { step }: UnitRef): CleanupAction {
  const kind = workflow.steps.get(step)?.cleanup?.kind.name
  return kind?.startsWith('files.') === true ? 'cleanup_artifacts' : 'deallocate_resources'
}

/** Whatever was being undone or removed when the last owner stopped is begun again, at once. */
export function restartUndoing(state: RunState, at: EpochMs, isCrash: boolean): void {
  for (const active of [state.undo?.active, state.cleaning]) {
    for (const [key, unit] of active ?? []) {
      const crashes = unit.crashes + (isCrash && unit.dueAt === undefined ? 1 : 0)
      active?.set(key, { ...unit, dueAt: at, crashes })
    }
  }
}
