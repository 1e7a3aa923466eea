import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { CompiledStep } from '../definition/compiled.ts'

import { type RunEvent, type UnitRef, unitKey, unitRef } from './events.ts'
import { judgeFailure } from './failing.ts'
import { backoff, costOf, type Failure, retryAt, type Success } from './outcome.ts'
import { mayBegin } from './ready.ts'
import { overBudget } from './retry-budget.ts'
import type { RunState } from './state.ts'

/** The events that begin work on a unit. */
export function decideStart(state: RunState, ref: UnitRef, bound: bigint): readonly RunEvent[] {
  const { attempt, pass, bound: most } = tryOf(state, ref, bound)
  const { step, index } = ref
  return [{ kind: 'step.started', data: { step, index, attempt, pass, bound: most } }]
}

/** A try as it stands in an event. */
export interface Try {
  readonly attempt: number
  readonly pass: number | undefined
  readonly bound: string | undefined
}

/** Number of the try that begins now, its pass and what it may cost. */
export function tryOf(state: RunState, ref: UnitRef, bound: bigint): Try {
  const unit = state.active.get(unitKey(ref))
  const isNextPass = unit?.phase === 'repeating'
  const attempt = unit === undefined || isNextPass ? 1 : unit.attempt + 1
  const pass = (unit?.pass ?? 1) + (isNextPass ? 1 : 0)
  return {
    attempt,
    pass: pass > 1 ? pass : undefined,
    bound: bound > 0n ? bound.toString() : undefined,
  }
}

/** The events of a result: the unit is done, or it is to be repeated. */
export function decideSuccess(
  state: RunState,
  ref: UnitRef,
  success: Success,
): readonly RunEvent[] {
  const unit = state.active.get(unitKey(ref))
  const { repeat } = stepOf(state, ref)
  const { output, isDone, ms, now } = success
  if (isDone || repeat === undefined || unit === undefined) {
    const { step, index } = ref
    const { usage, cost, unpaid } = costOf(success)
    return [{ kind: 'step.completed', data: { step, index, output, ms, usage, cost, unpaid } }]
  }
  if (unit.pass < repeat.max) {
    const dueAt = now + repeat.delayMs
    return [
      {
        kind: 'step.repeating',
        data: { ...unitRef(ref), pass: unit.pass, output, dueAt, ms, ...costOf(success) },
      },
    ]
  }
  const error: ErrorRecord = {
    code: 'workflow.repeat-exhausted',
    message: `step "${ref.step}" was not done after ${repeat.max} passes`,
    hint: 'raise "repeat.max", or look at why "until" does not hold: the last output is in the details',
    details: { output },
  }
  return decideFinalFailure(state, ref, {
    ...success,
    error,
    isTransient: false,
    retryAfterMs: 0,
    chance: 0,
    fallback: undefined,
  })
}

/** The events of a failed try: another one later, or the end of the unit. */
export function decideFailure(
  state: RunState,
  ref: UnitRef,
  failure: Failure,
): readonly RunEvent[] {
  const unit = state.active.get(unitKey(ref))
  const { retry } = stepOf(state, ref)
  const { attempt = 1, refusals = 0 } = unit ?? {}
  const dueAt = isWanted(state) ? retryAt(retry, { attempt, refusals }, failure) : undefined
  if (dueAt === undefined) return decideFinalFailure(state, ref, failure)
  const unaffordable = overBudget(state, ref, failure)
  if (unaffordable !== undefined) return decideFinalFailure(state, ref, unaffordable)
  const { error } = failure
  return [
    { kind: 'step.retrying', data: { ...unitRef(ref), attempt, error, dueAt, ...costOf(failure) } },
  ]
}

/** A failure that costs nothing and does not pass by itself. */
export function plainFailure(error: ErrorRecord, now: EpochMs): Failure {
  return {
    error,
    isTransient: false,
    retryAfterMs: 0,
    chance: 0,
    now,
    fallback: undefined,
    usage: [],
    cost: 0n,
  }
}

/** The events of a unit that has failed for good, its own retries used up: what follows is decided by strategy. */
export function decideFinalFailure(
  state: RunState,
  ref: UnitRef,
  failure: Failure,
): readonly RunEvent[] {
  const { error, fallback } = failure
  const judged = judgeFailure(state, ref, failure)
  const isDecided = fallback === undefined && isWanted(state)
  if (isDecided && judged.strategy === 'retry_failed_step') {
    const unaffordable = overBudget(state, ref, failure)
    return unaffordable === undefined
      ? retryBy(state, ref, failure)
      : decideFinalFailure(state, ref, unaffordable)
  }
  const isSkipped = isDecided && judged.strategy === 'skip_and_continue'
  const instead = isSkipped ? { output: null } : fallback
  const failed: RunEvent = {
    kind: 'step.failed',
    data: {
      ...unitRef(ref),
      error,
      ...costOf(failure),
      ...(instead !== undefined && { fallback: instead }),
      failure: judged.failure,
      ...(isDecided && { strategy: judged.strategy }),
    },
  }
  if (instead !== undefined || state.workflow.isFailFast) return [failed]
  const blocked = blockedBy(state, ref.step).map((step): RunEvent => ({
    kind: 'step.skipped',
    data: { step, reason: 'needs' },
  }))
  return [failed, ...blocked]
}

/** Whether the run still wants what it has begun, rather than having failed or being ended. */
function isWanted(state: RunState): boolean {
  return mayBegin(state) || state.status === 'paused'
}

/** The step is begun again although its own retries are used up. */
function retryBy(state: RunState, ref: UnitRef, failure: Failure): readonly RunEvent[] {
  const { attempt = 1, recoveries = 0 } = state.active.get(unitKey(ref)) ?? {}
  const { error } = failure
  const dueAt = backoff(stepOf(state, ref).retry, recoveries + 1, failure)
  const strategy = 'retry_failed_step'
  const data = { ...unitRef(ref), attempt, error, dueAt, ...costOf(failure), strategy } as const
  return [{ kind: 'step.retrying', data }]
}

/** Every step that can never begin because `name` failed. */
function blockedBy(state: RunState, name: string): readonly string[] {
  const blocked = new Set<string>()
  const queue = [name]
  for (const each of queue) {
    for (const dependent of state.workflow.steps.get(each)?.dependents ?? []) {
      if (blocked.has(dependent) || state.steps.get(dependent)?.status !== 'pending') continue
      blocked.add(dependent)
      queue.push(dependent)
    }
  }
  return [...blocked]
}

function stepOf(state: RunState, { step }: UnitRef): CompiledStep {
  const found = state.workflow.steps.get(step)
  if (found === undefined) throw new TypeError(`the workflow has no step "${step}"`)
  return found
}
