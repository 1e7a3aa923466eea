import type { Clock, EpochMs } from '../../kernel/clock.ts'
import { type ErrorRecord, PlatformError, toErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { uniform } from '../../kernel/random.ts'
import { type Usage, usage } from '../../kernel/usage.ts'
import { StepAbortedError, StepTimeoutError } from '../errors.ts'
import { unitKey } from '../machine/events.ts'
import type { Charge, Failure, Success } from '../machine/outcome.ts'
import { judgeFault } from '../retry.ts'
import type { StepResult } from '../steps/step-kind.ts'

import type { Execution } from './execution.ts'
import { hiddenIn } from './opened.ts'
import { evaluate, isTruthy, momentOf, type UnitScope, unitVariables } from './prepare-unit.ts'
import { redact, redactError } from './redact.ts'
import { UnitTask } from './task.ts'

/** How a try ended. */
export type Ending =
  | { readonly kind: 'succeeded'; readonly success: Success }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** Runs a unit to its end. Never rejects: a fault is an ending. */
export function executeUnit(scope: UnitScope, execution: Execution): Promise<Ending> {
  const since = scope.deps.clock.now()
  return scope.deps.telemetry.isEnabled
    ? observed(scope, execution, since)
    : runToEnd(scope, execution, since)
}

async function observed(scope: UnitScope, execution: Execution, since: EpochMs): Promise<Ending> {
  const { clock, telemetry } = scope.deps
  const kind = execution.step.kind.name
  const ending = await telemetry.span('prsm.step', { kind, step: execution.step.name }, () =>
    runToEnd(scope, execution, since),
  )
  telemetry.observe('prsm.step.duration', clock.now() - since, { kind, outcome: ending.kind })
  return ending
}

async function runToEnd(scope: UnitScope, execution: Execution, since: EpochMs): Promise<Ending> {
  try {
    const result = await runAloud(scope, execution)
    const ms = workedMs(result, since, scope.deps.clock.now())
    const success = toPlainSuccess(scope, execution, { result, ms })
    return {
      kind: 'succeeded',
      success: success ?? (await toSuccess(scope, execution, { result, ms })),
    }
  } catch (fault) {
    return { kind: 'failed', failure: await toFailure(scope, execution, fault) }
  }
}

/** What a step has told while it worked is handed in before its result, so that nobody sees it later. */
async function runAloud(scope: UnitScope, execution: Execution): Promise<StepResult> {
  const task = new UnitTask(scope, execution)
  try {
    return await runUntilStopped(scope.deps.clock, execution, () => execution.run(task))
  } finally {
    const written = task.endTelling()
    if (execution.endsElsewhere === true) await written
  }
}

/** The success of a step whose output needs no work at all; `undefined` for every other. */
function toPlainSuccess(
  { deps, opened }: UnitScope,
  { step, secrets }: Execution,
  { result, ms }: Given,
): Success | undefined {
  const { output } = result
  const isReshaped = step.output !== undefined || step.repeat !== undefined
  const isPlain = !isReshaped && secrets.length === 0 && opened.size === 0
  if (!isPlain || result.usage !== undefined || !deps.artifacts.isSmall(output)) return undefined
  const now = deps.clock.now()
  return { output, isDone: true, ms, now, usage: NO_USAGE, cost: 0n }
}

const NO_USAGE: readonly Usage[] = []

/** The step's own end, or its stop, whichever comes first: a step need not listen to be stopped. */
export function runUntilStopped(
  clock: Clock,
  { ref, stop, timeoutMs }: Pick<Execution, 'ref' | 'stop' | 'timeoutMs'>,
  work: () => Promise<StepResult>,
): Promise<StepResult> {
  const cancel =
    timeoutMs === undefined
      ? undefined
      : clock.after(timeoutMs, () => stop.stop(new StepTimeoutError(unitKey(ref), timeoutMs)))
  const ended = new Promise<StepResult>((resolve, reject) => {
    stop.onStop(reject)
    work().then(resolve, reject)
  })
  return cancel === undefined ? ended : ended.finally(cancel)
}

/** What a step gave, and how long it worked for that. */
export interface Given {
  readonly result: StepResult
  readonly ms: number
}

/** What a result means for the unit: reshaped, and judged by its loop. */
export async function toSuccess(
  scope: UnitScope,
  execution: Pick<Execution, 'step' | 'ref' | 'secrets' | 'bound'>,
  { result, ms }: Given,
): Promise<Success> {
  const { step, ref, secrets } = execution
  const { clock, artifacts } = scope.deps
  let output = redact(result.output, hiddenIn(scope, secrets))
  let isDone = true
  if (step.output !== undefined || step.repeat !== undefined) {
    const variables = await unitVariables(scope, step, ref)
    if (step.output !== undefined) {
      output = await evaluate(scope, step.output, momentOf(scope, step, { ...variables, output }))
    }
    if (step.repeat !== undefined) {
      const moment = momentOf(scope, step, { ...variables, output })
      isDone = isTruthy(await evaluate(scope, step.repeat.until, moment))
    }
  }
  const now = clock.now()
  return {
    // The output may have been reshaped with what is not to be seen.
    output: await artifacts.deflate(redact(output, hiddenIn(scope, secrets))),
    isDone,
    ms,
    now,
    ...charge(scope, execution, result.usage ?? []),
  }
}

/** How long the step worked, the wait for its turn left out. */
export function workedMs({ queuedMs = 0 }: StepResult, since: EpochMs, now: EpochMs): number {
  return Math.max(0, now - since - queuedMs)
}

/** What the usage costs, and never more than was agreed. */
function charge(
  { deps }: UnitScope,
  { bound, ref }: Pick<Execution, 'bound' | 'ref'>,
  used: readonly Usage[],
): Charge {
  if (used.length === 0) return { usage: used, cost: 0n }
  const cost = deps.pricing.costOf(used)
  if (cost <= bound) return { usage: used, cost }
  deps.log.warn('workflow.cost-above-bound', {
    step: unitKey(ref),
    cost: cost.toString(),
    bound: bound.toString(),
  })
  return { usage: used, cost: bound, unpaid: cost - bound }
}

/** What a fault means for the unit. */
export async function toFailure(
  scope: UnitScope,
  execution: Pick<Execution, 'step' | 'ref' | 'secrets' | 'bound'>,
  fault: unknown,
): Promise<Failure> {
  return judged(scope, execution, judge(fault))
}

/** What is known of a fault. */
export interface Judgement {
  readonly error: ErrorRecord
  readonly isTransient: boolean
  readonly retryAfterMs: number
  /** Whether somebody stopped the step, so that nothing goes on in its place. */
  readonly isStopped: boolean
  readonly usage: readonly Usage[]
}

/** Reads a fault. */
export function judge(fault: unknown): Judgement {
  const isStopped = fault instanceof StepAbortedError
  const { isTransient, retryAfterMs } = judgeFault(fault)
  const error = toErrorRecord(fault)
  return {
    error,
    isTransient: isTransient && !isStopped,
    retryAfterMs,
    isStopped,
    usage: usageOf(fault),
  }
}

/** The failure of a unit, with the output the definition goes on with. */
export async function judged(
  scope: UnitScope,
  execution: Pick<Execution, 'step' | 'ref' | 'secrets' | 'bound'>,
  { error, isTransient, retryAfterMs, isStopped, usage: used }: Judgement,
): Promise<Failure> {
  const { clock, random } = scope.deps
  const fallback = isStopped ? undefined : await fallbackFor(scope, execution)
  const hidden = hiddenIn(scope, execution.secrets)
  return {
    error: redactError(withFallbackFault(error, fallback), hidden),
    isTransient,
    retryAfterMs,
    chance: uniform(random),
    now: clock.now(),
    ...charge(scope, execution, used),
    fallback:
      fallback !== undefined && 'output' in fallback
        ? { output: redact(fallback.output, hidden) }
        : undefined,
  }
}

/** What a failed try used up, when its fault tells: it is paid like that of a successful one. */
function usageOf(fault: unknown): readonly Usage[] {
  if (!(fault instanceof PlatformError) || !('usage' in fault)) return NO_USAGE
  return usage.array().safeParse(fault.usage).data ?? NO_USAGE
}

type Fallback = { readonly output: Json } | { readonly fault: ErrorRecord }

/** The output the definition goes on with when the step fails for good; it may fail itself. */
async function fallbackFor(
  scope: UnitScope,
  { step, ref }: Pick<Execution, 'step' | 'ref'>,
): Promise<Fallback | undefined> {
  if (step.onError.kind === 'fail') return undefined
  try {
    const more = await unitVariables(scope, step, ref)
    return { output: await evaluate(scope, step.onError.output, momentOf(scope, step, more)) }
  } catch (fault) {
    return { fault: toErrorRecord(fault) }
  }
}

/** The step's own fault, and what kept its `onError` from making up for it. */
function withFallbackFault(error: ErrorRecord, fallback: Fallback | undefined): ErrorRecord {
  if (fallback === undefined || 'output' in fallback) return error
  const { code, message } = fallback.fault
  return { ...error, details: { ...error.details, onError: { code, message } } }
}
