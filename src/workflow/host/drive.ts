import { toErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { StepAbortedError } from '../errors.ts'
import { decideFinish, fitsBudget, nextMove } from '../machine/decide-run.ts'
import { decideFailure, decideStart, decideSuccess } from '../machine/decide-step.ts'
import { type RunEvent, unitKey } from '../machine/events.ts'
import { type Candidate, mayBegin, nextUnits } from '../machine/ready.ts'

import { type ActiveRun, record } from './active-run.ts'
import { type Ending, executeUnit, toFailure } from './execute-unit.ts'
import type { Execution } from './execution.ts'
import { evaluate, type Preparation, prepareUnit, stepOf } from './prepare-unit.ts'
import { createStop } from './stop.ts'
import { parkOrArm } from './timers.ts'
import { undoNext } from './undo.ts'
import { beginWait } from './wait.ts'

/** Begins whatever can begin, and takes the next step of the run as a whole. */
export function pump(run: ActiveRun): void {
  if (run.isPumping) {
    run.isPumpDue = true
    return
  }
  run.isPumping = true
  do {
    run.isPumpDue = false
    if (run.isHere) turn(run)
  } while (run.isPumpDue)
  run.isPumping = false
  if (run.isHere) parkOrArm(run, () => pump(run))
}

function turn(run: ActiveRun): void {
  const move = nextMove(run.state, run.busy.size > 0)
  switch (move.kind) {
    case 'events':
      record(run, move.events)
      run.isPumpDue = true
      return
    case 'finish':
      finish(run)
      return
    case 'undo':
      undoNext(run, move, () => pump(run))
      return
    case 'work':
      beginUnits(run)
      return
    default:
      throw new TypeError('unknown move')
  }
}

function beginUnits(run: ActiveRun): void {
  if (run.isShort || !run.hooks.isOpen()) return
  const { slots } = run.hooks
  const limit = slots.free
  const candidates = nextUnits(run.state, {
    limit: Math.max(1, limit),
    busy: run.busy,
    now: run.deps.clock.now(),
  })
  if (candidates.length > 0 && limit <= 0) {
    slots.await(() => pump(run))
    return
  }
  for (const candidate of candidates) begin(run, candidate)
  if (candidates.length === limit) slots.await(() => pump(run))
}

function begin(run: ActiveRun, candidate: Candidate): void {
  run.busy.add(unitKey(candidate))
  run.hooks.slots.take()
  const preparation = prepareUnit(run, candidate)
  if (preparation instanceof Promise) {
    // `prepareUnit` turns every fault into a preparation.
    void preparation.then((ready) => prepared(run, candidate, ready))
  } else prepared(run, candidate, preparation)
}

function prepared(run: ActiveRun, candidate: Candidate, preparation: Preparation): void {
  const isWanted = run.isHere && mayBegin(run.state)
  if (isWanted && preparation.kind === 'begin' && preparation.prepared.kind === 'work') {
    beginWork(run, candidate, { ...preparation, prepared: preparation.prepared })
    return
  }
  run.hooks.slots.give()
  if (!isWanted) {
    released(run, candidate)
    return
  }
  switch (preparation.kind) {
    case 'skip':
      record(run, [{ kind: 'step.skipped', data: { step: candidate.step, reason: 'when' } }])
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
function released(run: ActiveRun, candidate: Candidate): void {
  run.busy.delete(unitKey(candidate))
  if (run.isHere) pump(run)
}

async function wait(
  run: ActiveRun,
  candidate: Candidate,
  what: Parameters<typeof beginWait>[2],
): Promise<void> {
  try {
    await beginWait(run, candidate, what)
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

type Work = Extract<Preparation, { kind: 'begin' }> & {
  readonly prepared: Extract<Extract<Preparation, { kind: 'begin' }>['prepared'], { kind: 'work' }>
}

function beginWork(run: ActiveRun, candidate: Candidate, { prepared: work, secrets }: Work): void {
  const step = stepOf(run, candidate)
  let bound: bigint
  try {
    bound = work.bound.length === 0 ? 0n : run.deps.pricing.costOf(work.bound)
  } catch (fault) {
    run.hooks.slots.give()
    void fail(run, candidate, fault)
    return
  }
  if (!fitsBudget(run.state, bound)) {
    run.hooks.slots.give()
    shortOfMoney(run, candidate, bound)
    return
  }
  const events = decideStart(run.state, candidate, bound)
  const [started] = events
  const { attempt = 1, pass = 1 } = started?.kind === 'step.started' ? started.data : {}
  const stop = createStop()
  const execution: Execution = {
    ref: candidate,
    step,
    attempt,
    pass,
    bound,
    tenant: run.tenant,
    secrets,
    timeoutMs: step.timeoutMs,
    stop,
    purpose: 'do',
    run: (task) => work.run(task),
  }
  run.stops.set(unitKey(candidate), stop)
  run.busy.delete(unitKey(candidate))
  run.unstarted++
  record(run, events, { after: () => void execute(run, execution) })
  run.isPumpDue = true
  if (!run.isPumping) pump(run)
}

/** Nothing begins until something ends; when nothing runs, the run waits for a larger budget. */
function shortOfMoney(run: ActiveRun, candidate: Candidate, bound: bigint): void {
  run.busy.delete(unitKey(candidate))
  run.isShort = true
  const { state } = run
  if (state.running > 0 || run.busy.size > 0) return
  const needed = (state.spent + state.reserved + bound).toString()
  record(run, [{ kind: 'run.paused', data: { reason: 'budget', needed } }])
  run.isShort = false
  pump(run)
}

/** Runs a unit whose start is on record. */
async function execute(run: ActiveRun, execution: Execution): Promise<void> {
  run.unstarted--
  const ending = await executeUnit(run, execution)
  run.stops.delete(unitKey(execution.ref))
  run.hooks.slots.give()
  // A run that is being given up leaves its units to whoever goes on, who begins them again.
  if (!run.isHere || run.isLeaving) return
  run.isShort = false
  record(run, eventsOf(run, execution, ending))
  pump(run)
}

function eventsOf(run: ActiveRun, { ref }: Execution, ending: Ending): readonly RunEvent[] {
  return ending.kind === 'succeeded'
    ? decideSuccess(run.state, ref, ending.success)
    : decideFailure(run.state, ref, ending.failure)
}

/** Computes what the run gives, and ends it. */
function finish(run: ActiveRun): void {
  if (run.isFinishing) return
  run.isFinishing = true
  void endingOf(run).then((events) => {
    run.isFinishing = false
    record(run, events)
    return pump(run)
  })
}

async function endingOf(run: ActiveRun): Promise<readonly RunEvent[]> {
  try {
    return decideFinish(run.state, await outputOf(run))
  } catch (fault) {
    return [{ kind: 'run.stopping', data: { error: toErrorRecord(fault) } }]
  }
}

async function outputOf(run: ActiveRun): Promise<Json> {
  const { state, deps, id } = run
  const { workflow } = state
  if (workflow.output !== undefined) {
    const names = [...workflow.steps.keys()]
    const moment = { run: { id, name: workflow.name }, steps: names, more: {} }
    return deps.artifacts.deflate(await evaluate(run, workflow.output, moment))
  }
  const last = [...workflow.steps.values()].filter(({ dependents }) => dependents.length === 0)
  return Object.fromEntries(last.map(({ name }) => [name, state.steps.get(name)?.output ?? null]))
}

/** Stops everything that runs; the endings are recorded as they come. */
export function abortAll(run: ActiveRun, reason: string): void {
  for (const [key, stop] of run.stops) stop.stop(new StepAbortedError(key, reason))
}
