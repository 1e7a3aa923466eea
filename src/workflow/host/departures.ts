import { deferred } from '../../kernel/deferred.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import { refuse } from '../../kernel/result.ts'
import { FencedError } from '../errors.ts'
import { isFinal } from '../machine/state.ts'
import { isDatabaseAbsence } from '../retry.ts'

import { type ActiveRun, leave, type LeaveReason, record } from './active-run.ts'
import { settleBirth } from './births.ts'
import { abortAll } from './drive.ts'
import type { EngineState } from './engine-state.ts'
import { look } from './look.ts'
import { NO_CHANGE } from './run-store.ts'

/** A run has left memory: whoever waits for that is told, and what must follow is done. */
export function onLeft(engine: EngineState, run: ActiveRun, reason: LeaveReason): void {
  const { deps } = engine
  const { id } = run
  if (engine.runs.get(id) === run) engine.runs.delete(id)
  run.hooks.suspects.tell()
  if (goesOn(engine, run, reason)) park(engine, id)
  const waiting = engine.departures.get(id) ?? []
  engine.departures.delete(id)
  for (const tell of waiting) tell(run)
  switch (reason.kind) {
    case 'done':
      // Others of its key wait for this.
      if (freesKey(run)) tellAll(engine)
      break
    case 'refused':
      void onRefused(engine, run, reason.refusal).catch((fault: unknown) =>
        deps.log.error('workflow.refusal-not-recorded', fault, { run: id }),
      )
      break
    case 'lost':
      settleBirth(
        engine,
        id,
        refuse({
          code: 'workflow.not-begun',
          message: 'the run could not be recorded',
          hint: 'the database may be out of reach; prsm ls tells whether the run exists all the same',
        }),
      )
      deps.log.warn('workflow.run-lost', { run: id, reason: String(reason.fault) })
      // Whoever owns it now goes on; if that is still this worker, the run is freed for a new start.
      engine.strays.set(id, { worker: run.worker, isLost: isOfTheRun(reason.fault) })
      break
    default:
      throw new TypeError('unknown reason')
  }
  if (wasFull(engine) || reason.kind === 'lost') look(engine)
}

/** Whether a commit failed because of what was to be committed, and would again. */
function isOfTheRun(fault: unknown): boolean {
  return !(fault instanceof FencedError) && !isDatabaseAbsence(fault)
}

function wasFull({ options: { claims, maxRuns }, runs }: EngineState): boolean {
  return claims && runs.size === maxRuns - 1
}

function freesKey({ state }: ActiveRun): boolean {
  return state.terms?.key !== undefined && isFinal(state.status)
}

function tellAll({ deps }: EngineState): void {
  // Whoever is not told looks by itself a little later.
  void deps.store
    .announce()
    .catch((fault: unknown) => deps.log.warn('workflow.not-announced', { reason: String(fault) }))
}

/** Whether there is more to do for a run that has left. What was lost may be ahead of its record. */
function goesOn({ births }: EngineState, { id, state }: ActiveRun, reason: LeaveReason): boolean {
  if (reason.kind === 'lost') return true
  return !isFinal(state.status) && !(reason.kind === 'refused' && births.has(id))
}

/** Keeps in mind to take a run up again, if nothing else would make this worker do so. */
export function park({ options, parked }: EngineState, run: string): void {
  if (!options.claims) parked.add(run)
}

/** The books said no: to a birth, which then never happened, or to a request, which is dropped. */
async function onRefused(engine: EngineState, run: ActiveRun, refusal: ErrorRecord): Promise<void> {
  const { deps } = engine
  const { id, worker, tenant } = run
  if (engine.births.has(id)) {
    settleBirth(engine, id, refuse(refusal))
    return
  }
  deps.log.warn('workflow.money-refused', { run: id, code: refusal.code })
  engine.strays.set(id, { worker, isLost: true })
  const consumed = [...run.answered]
  await deps.store.commit({ ...NO_CHANGE, run: id, worker, tenant, consumed })
  look(engine)
}

/** Stops one run at once and gives it up as paused; see `Engine.interrupt`. */
export async function interrupt(engine: EngineState, id: string, by: string): Promise<void> {
  const run = engine.runs.get(id)
  if (run === undefined) return
  const gone = whenLeft(engine, id)
  if (!isFinal(run.state.status)) {
    record(run, [{ kind: 'run.paused', data: { reason: 'interrupt', by } }], {
      patch: { owner: null, wakeAt: null },
      after: () => leave(run, { kind: 'done' }),
    })
    run.isLeaving = true
    abortAll(run, 'the run was interrupted')
  }
  await gone
}

/** Gives a run up in order, so that the next worker does not take this one for lost. */
export async function handOver(engine: EngineState, run: ActiveRun): Promise<void> {
  const gone = whenLeft(engine, run.id)
  if (!run.isLeaving) {
    run.isLeaving = true
    record(run, [], {
      patch: { owner: null, wakeAt: 0 },
      after: () => leave(run, { kind: 'done' }),
    })
  }
  await gone
}

/** Resolves when a run leaves memory, with the run as it then is. */
export function whenLeft(engine: EngineState, id: string): Promise<ActiveRun> {
  const left = deferred<ActiveRun>()
  const waiting = engine.departures.get(id)
  const tell = (run: ActiveRun): void => left.resolve(run)
  if (waiting === undefined) engine.departures.set(id, [tell])
  else waiting.push(tell)
  return left.promise
}
