import type { Json } from '../../kernel/json.ts'
import { OverBudgetError } from '../errors.ts'
import { fitsBudget } from '../machine/decide-run.ts'
import { decideFailure, decideStart, decideFinalFailure } from '../machine/decide-step.ts'
import { type UnitRef, unitKey } from '../machine/events.ts'
import { type Candidate, mayBegin } from '../machine/ready.ts'
import { leftAfter } from '../machine/retry-budget.ts'
import type { PreparedStep } from '../steps/step-kind.ts'

import { type ActiveRun, record } from './active-run.ts'
import { toFailure } from './execute-unit.ts'
import type { Execution } from './execution.ts'
import { type Preparation, prepareUnit, stepOf } from './prepare-unit.ts'
import { enqueueUnit } from './queue-unit.ts'
import { createStop } from './stop.ts'
import { beginWait } from './wait.ts'

/** Prepares a candidate, and begins it when it is what it seemed to be; it holds a slot meanwhile. */
export function beginUnit(run: ActiveRun, candidate: Candidate): void {
  run.busy.add(unitKey(candidate))
  run.hooks.slots.take(run)
  const preparation = prepareUnit(run, candidate)
  if (preparation instanceof Promise) {
    // `prepareUnit` turns every fault into a preparation.
    void preparation.then((ready) => prepared(run, candidate, ready))
  } else prepared(run, candidate, preparation)
}

function prepared(run: ActiveRun, candidate: Candidate, preparation: Preparation): void {
  const isWanted = run.isHere && mayBegin(run.state)
  if (isWanted && preparation.kind === 'begin' && preparation.prepared.kind === 'work') {
    const { prepared: work, secrets, parameters } = preparation
    beginWork(run, candidate, { prepared: work, secrets, parameters })
    return
  }
  run.hooks.slots.give(run)
  if (!isWanted) {
    released(run, candidate)
    return
  }
  switch (preparation.kind) {
    case 'skip':
      record(run, [
        { kind: 'step.skipped', data: { step: candidate.step, reason: preparation.reason } },
      ])
      break
    case 'expand': {
      const count = preparation.items.length
      record(run, [{ kind: 'step.expanded', data: { step: candidate.step, count } }])
      break
    }
    case 'broken':
      void fail(run, candidate, preparation.fault)
      return
    case 'begin':
      if (preparation.prepared.kind === 'wait') {
        void wait(run, candidate, preparation.prepared.wait)
        return
      }
      break
    default:
      throw new TypeError('unknown preparation')
  }
  released(run, candidate)
}

/** The unit is not being prepared any more. */
function released(run: ActiveRun, candidate: UnitRef): void {
  run.busy.delete(unitKey(candidate))
  // Whoever found too little money may have waited for this one alone.
  run.isShort = false
  if (run.isHere) run.hooks.pump(run)
  run.hooks.suspects.tell()
}

async function wait(
  run: ActiveRun,
  candidate: Candidate,
  what: Parameters<typeof beginWait>[2],
): Promise<void> {
  try {
    const needed = await beginWait(run, candidate, what)
    if (needed !== undefined && run.isHere) {
      shortOfMoney(run, candidate, needed)
      return
    }
  } catch (fault) {
    await fail(run, candidate, fault)
    return
  }
  released(run, candidate)
}

/** A unit that cannot even begin has begun and failed, so that it is retried and shown like others. */
async function fail(run: ActiveRun, candidate: Candidate, fault: unknown): Promise<void> {
  const step = stepOf(run, candidate)
  if (candidate.kind === 'begin') record(run, decideStart(run.state, candidate, 0n))
  const failure = await toFailure(run, { ref: candidate, step, secrets: [], bound: 0n }, fault)
  record(run, decideFailure(run.state, candidate, failure))
  released(run, candidate)
}

interface Work {
  readonly prepared: Extract<PreparedStep, { kind: 'work' }>
  readonly secrets: readonly string[]
  /** As evaluated, secrets still by name. */
  readonly parameters: Json
}

function beginWork(run: ActiveRun, candidate: Candidate, work: Work): void {
  let bound: bigint | Promise<bigint>
  try {
    bound = boundOf(run, work)
  } catch (fault) {
    bound = Promise.reject(fault)
  }
  if (typeof bound === 'bigint') {
    startWork(run, candidate, { ...work, bound })
    return
  }
  bound.then(
    (known) => startWork(run, candidate, { ...work, bound: known }),
    (fault: unknown) => {
      run.hooks.slots.give(run)
      return fail(run, candidate, fault)
    },
  )
}

function boundOf({ deps }: ActiveRun, { prepared: work }: Work): bigint | Promise<bigint> {
  const usage = work.bound()
  if (usage instanceof Promise) return usage.then((counted) => deps.pricing.costOf(counted))
  return usage.length === 0 ? 0n : deps.pricing.costOf(usage)
}

interface BoundWork extends Work {
  /** Most it may cost, µFTNS. */
  readonly bound: bigint
}

function startWork(run: ActiveRun, candidate: Candidate, work: BoundWork): void {
  const { bound } = work
  if (!run.isHere || !mayBegin(run.state)) {
    run.hooks.slots.give(run)
    released(run, candidate)
    return
  }
  if (!fitsBudget(run.state, bound)) {
    run.hooks.slots.give(run)
    shortOfMoney(run, candidate, bound)
    return
  }
  if (run.hooks.hasQueue && stepOf(run, candidate).placement !== undefined) {
    run.hooks.slots.give(run)
    void queue(run, candidate, work)
    return
  }
  const key = unitKey(candidate)
  const events = decideStart(run.state, candidate, bound)
  const [started] = events
  const { attempt = 1, pass = 1 } = started?.kind === 'step.started' ? started.data : {}
  const execution = executionOf(run, candidate, { ...work, attempt, pass })
  run.stops.set(key, execution.stop)
  run.busy.delete(key)
  run.unstarted++
  record(run, events, {
    after: () => {
      run.unstarted--
      run.hooks.execute(run, execution)
    },
  })
  run.isPumpDue = true
  if (!run.isPumping) run.hooks.pump(run)
}

async function queue(
  run: ActiveRun,
  candidate: Candidate,
  { parameters, bound }: BoundWork,
): Promise<void> {
  try {
    await enqueueUnit(run, candidate, { parameters, bound })
  } catch (fault) {
    await fail(run, candidate, fault)
    return
  }
  released(run, candidate)
}

/** Work that is about to be done, as it stands in the event of its start. */
export interface StartedWork
  extends Omit<BoundWork, 'parameters'>, Pick<Execution, 'attempt' | 'pass'> {}

/** How a unit is done whose start is on record. */
export function executionOf(
  run: Pick<ActiveRun, 'state' | 'tenant'>,
  ref: UnitRef,
  { prepared: work, secrets, bound, attempt, pass }: StartedWork,
): Execution {
  const step = stepOf(run, ref)
  return {
    ref,
    step,
    attempt,
    pass,
    bound,
    tenant: run.tenant,
    secrets,
    timeoutMs: step.timeoutMs,
    stop: createStop(),
    purpose: 'do',
    run: (task) => work.run(task),
  }
}

/** A retry is not waited for: what its step has come to is decided by its strategy. */
async function unaffordable(run: ActiveRun, ref: UnitRef, needed: bigint): Promise<void> {
  const step = stepOf(run, ref)
  run.busy.add(unitKey(ref))
  const fault = new OverBudgetError(unitKey(ref), { needed, left: leftAfter(run.state, 0n) })
  const failure = await toFailure(run, { ref, step, secrets: [], bound: 0n }, fault)
  record(run, decideFinalFailure(run.state, ref, failure))
  released(run, ref)
}

/**
 * Nothing begins until something ends; when nothing runs, the run waits for a larger budget, unless
 * what does not fit is a retry. A child
 * run holds a part of the budget and gives back what it does not spend.
 */
function shortOfMoney(run: ActiveRun, candidate: Candidate, bound: bigint): void {
  run.busy.delete(unitKey(candidate))
  run.isShort = true
  const { state } = run
  if (state.running > 0 || run.busy.size > 0 || state.reserved > 0n) {
    // A turn that waits for what is being prepared is over now.
    run.hooks.pump(run)
    return
  }
  if (state.active.get(unitKey(candidate))?.phase === 'retrying') {
    run.isShort = false
    void unaffordable(run, candidate, bound)
    return
  }
  const needed = (state.spent + state.reserved + bound).toString()
  record(run, [{ kind: 'run.paused', data: { reason: 'budget', needed } }])
  run.isShort = false
  run.hooks.pump(run)
}
