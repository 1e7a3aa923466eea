import type { FailureKind, RollbackStrategy } from './schema.ts'

/** What a definition says about failures, of one step or of all. */
export interface RollbackPolicy {
  /** For every kind of failure that `on` does not name. */
  readonly strategy: RollbackStrategy | undefined
  readonly on: Readonly<Partial<Record<FailureKind, RollbackStrategy>>>
  /** How often `retry_failed_step` begins a step again. */
  readonly retries: number | undefined
  /** What follows when these are used up. */
  readonly fallback: RollbackStrategy | undefined
}

/** A failure about which something is to be decided. */
export interface Failing {
  readonly failure: FailureKind
  /** What the definition says of the failed step; `undefined` for a failure of the run as a whole. */
  readonly step: RollbackPolicy | undefined
  readonly workflow: RollbackPolicy | undefined
  /** Whether a step has failed, rather than the run as a whole. */
  readonly isOfStep: boolean
  /** Times the step was begun again by a strategy. */
  readonly recoveries: number
  /** Whether a pivot has completed, so that there is no going back. */
  readonly isPastPivot: boolean
  /** Whether something was done that would be undone. */
  readonly hasWork: boolean
  /** Whether the cause may pass by itself. */
  readonly isTransient: boolean
}

/**
 * What is done about a kind of failure when the definition says nothing.
 *
 * @remarks What may pass by itself is tried once more before finished work is thrown away. Money is
 * for people to decide on.
 */
export const DEFAULT_STRATEGIES: Readonly<Record<FailureKind, RollbackStrategy>> = {
  step_execution_error: 'full_rollback',
  resource_exhaustion: 'retry_failed_step',
  timeout: 'retry_failed_step',
  dependency_failure: 'retry_failed_step',
  permission_denied: 'full_rollback',
  network_error: 'retry_failed_step',
  system_error: 'full_rollback',
  user_cancellation: 'full_rollback',
  cost_threshold_exceeded: 'manual_intervention',
  safety_violation: 'full_rollback',
}

/** Tries that `retry_failed_step` gives a step when the definition does not say. */
export const DEFAULT_RETRIES = 1

/** What the definition itself says; the step before the workflow, a kind before all. */
export function statedStrategy({
  failure,
  step,
  workflow,
}: Pick<Failing, 'failure' | 'step' | 'workflow'>): RollbackStrategy | undefined {
  return (
    step?.on[failure] ?? step?.strategy ?? workflow?.on[failure] ?? workflow?.strategy ?? undefined
  )
}

/**
 * The strategy for a failure.
 *
 * @remarks After a completed pivot the default is to go forward: the step is begun again, and then
 * somebody decides. `retry_failed_step` is given only while there are tries left. A failure of the
 * run as a whole has no step to be begun again or left out.
 */
export function chooseStrategy(failing: Failing): RollbackStrategy {
  const stated = statedStrategy(failing)
  const wanted = stated ?? defaultOf(failing)
  if (wanted === 'retry_failed_step') {
    return failing.isOfStep && failing.recoveries < retriesOf(failing)
      ? wanted
      : lastResort(failing)
  }
  if (wanted === 'skip_and_continue' && !failing.isOfStep) return lastResort(failing)
  return wanted
}

function defaultOf({ failure, isPastPivot, hasWork, isTransient }: Failing): RollbackStrategy {
  if (isPastPivot) return 'retry_failed_step'
  const strategy = DEFAULT_STRATEGIES[failure]
  const isWorthATry = hasWork && isTransient
  return strategy === 'retry_failed_step' && !isWorthATry ? 'full_rollback' : strategy
}

function retriesOf({ step, workflow }: Failing): number {
  return step?.retries ?? workflow?.retries ?? DEFAULT_RETRIES
}

function lastResort({ step, workflow, isPastPivot, isOfStep }: Failing): RollbackStrategy {
  const stated = step?.fallback ?? workflow?.fallback
  const isSense = stated !== 'retry_failed_step' && (isOfStep || stated !== 'skip_and_continue')
  if (stated !== undefined && isSense) return stated
  return isPastPivot ? 'manual_intervention' : 'full_rollback'
}
