import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'

import { findLetter } from './apply-step.ts'
import { decideFailure, plainFailure, tryOf } from './decide-step.ts'
import { type RunEvent, type UnitRef, unitKey, unitRef, type WaitingFor } from './events.ts'
import { costOf } from './outcome.ts'
import type { Letter, RunState, Unit } from './state.ts'

/** The events that make a unit wait; a signal that came early ends the wait at once. */
export function decideWait(
  state: RunState,
  ref: UnitRef,
  {
    waiting,
    bound,
    now,
  }: { readonly waiting: WaitingFor; readonly bound: bigint; readonly now: EpochMs },
): readonly RunEvent[] {
  const attempt = tryOf(state, ref, bound)
  const begun: RunEvent = {
    kind: 'step.waiting',
    data: { ...unitRef(ref), ...waiting, ...attempt },
  }
  const unit: Unit = {
    step: ref.step,
    index: ref.index,
    phase: 'waiting',
    attempt: attempt.attempt,
    pass: attempt.pass ?? 1,
    crashes: 0,
    recoveries: 0,
    bound,
    previous: null,
    since: now,
    dueAt: undefined,
    waiting,
  }
  const letter = state.mailbox[findLetter(state, unit)]
  return letter === undefined ? [begun] : [begun, ...answer(state, unit, { letter, now })]
}

/** The events when what a unit waits for, or the end of its patience, is due. */
export function decideDue(state: RunState, unit: Unit, now: EpochMs): readonly RunEvent[] {
  if (unit.waiting?.for === 'time') {
    return [
      { kind: 'step.completed', data: { ...unitRef(unit), output: null, ms: now - unit.since } },
    ]
  }
  const error: ErrorRecord = {
    code: 'workflow.wait-timeout',
    message: `step "${unitKey(unit)}" waited ${now - unit.since} ms for "${unit.waiting?.signal ?? 'a run'}", and it did not come`,
  }
  return decideFailure(state, unit, plainFailure(error, now))
}

/** The events of a signal: it is kept, and it ends the wait of the first unit that waits for it. */
export function decideSignal(
  state: RunState,
  { id, ...letter }: Letter & { readonly id: string },
  now: EpochMs,
): readonly RunEvent[] {
  const { step, index, ...rest } = letter
  const kept: RunEvent = {
    kind: 'signal.received',
    data: {
      id,
      ...rest,
      ...(step !== undefined && { step }),
      ...(index !== undefined && { index }),
    },
  }
  const waiting = [...state.active.values()].find((unit) => isFor(letter, unit))
  return waiting === undefined ? [kept] : [kept, ...answer(state, waiting, { letter, now })]
}

function isFor(letter: Letter, { phase, waiting, step, index }: Unit): boolean {
  if (phase !== 'waiting' || waiting?.signal !== letter.signal) return false
  return (letter.step ?? step) === step && (letter.index ?? index) === index
}

/** What a letter means to the unit that waited for it. */
function answer(
  state: RunState,
  unit: Unit,
  { letter, now }: { readonly letter: Letter; readonly now: EpochMs },
): readonly RunEvent[] {
  const { payload } = letter
  if (unit.waiting?.for === 'run') return childEnded(state, unit, { payload, now })
  const isRejection =
    letter.signal === 'approval' && isJsonObject(payload) && payload['approved'] === false
  if (!isRejection) {
    return [
      { kind: 'step.completed', data: { ...unitRef(unit), output: payload, ms: now - unit.since } },
    ]
  }
  const error: ErrorRecord = {
    code: 'workflow.rejected',
    message: `step "${unitKey(unit)}" was rejected by ${letter.by}`,
    details: payload,
  }
  return decideFailure(state, unit, plainFailure(error, now))
}

function childEnded(
  state: RunState,
  unit: Unit,
  { payload, now }: { readonly payload: Json; readonly now: EpochMs },
): readonly RunEvent[] {
  const result = isJsonObject(payload) ? payload : {}
  const cost = typeof result['cost'] === 'string' ? BigInt(result['cost']) : 0n
  const charge = { usage: [], cost }
  const child = unit.waiting?.child ?? ''
  if (result['status'] === 'completed') {
    const output = result['output'] ?? null
    return [
      {
        kind: 'step.completed',
        data: { ...unitRef(unit), output, ms: now - unit.since, ...costOf(charge) },
      },
    ]
  }
  const error: ErrorRecord = {
    code: 'workflow.child-failed',
    message: `run ${child} of step "${unitKey(unit)}" ended as ${JSON.stringify(result['status'])}`,
    hint: `see what happened with: prsm show ${child}`,
    details: { child, ...(result['error'] !== undefined && { error: result['error'] }) },
  }
  return decideFailure(state, unit, { ...plainFailure(error, now), ...charge })
}
