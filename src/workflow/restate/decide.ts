import type { CompiledWorkflow } from '../definition/compiled.ts'
import { FencedError, StepAbortedError } from '../errors.ts'
import { type ActiveRun, record } from '../host/active-run.ts'
import { workflowOf } from '../host/definitions.ts'
import { type Ending, toFailure } from '../host/execute-unit.ts'
import { adoption } from '../host/look.ts'
import { stepOf } from '../host/prepare-unit.ts'
import { NO_CHANGE, type RunChange, type TimedEvent } from '../host/run-store.ts'
import { settle, stopKey } from '../host/settle.ts'
import { deliver } from '../host/signals.ts'
import { passTime } from '../host/timers.ts'
import { applyEvent } from '../machine/apply.ts'
import { undoingOf } from '../machine/decide-rollback.ts'
import { unitKey } from '../machine/events.ts'
import { createRunState, type RunState } from '../machine/state.ts'

import type { Inbox, RunHeader } from './inbox-sql.ts'
import type { Decision, Dispatch, DispatchEnding, Known, TurnInput } from './messages.ts'
import { createSeat, type Seat, type SeatDeps, takeTurn } from './seat.ts'
import type { Seats } from './seats.ts'

/** What turns are taken with. */
export interface Desk extends SeatDeps {
  readonly inbox: Inbox
  readonly seats: Seats
  readonly workflows: Map<string, CompiledWorkflow>
  readonly worker: string
  /** A name that no other turn has. */
  readonly nextMark: () => string
}

/** Whose turn it is. */
export interface Turn {
  readonly run: string
  /** What Restate knows of the run; `undefined` before its first turn and after its last. */
  readonly known: Known | undefined
  readonly input: TurnInput
}

/**
 * Decides what comes of one turn.
 *
 * @returns `undefined` when there is nothing to decide: the run has ended, or is another host's.
 */
export async function decide(
  desk: Desk,
  { run, known, input }: Turn,
): Promise<Decision | undefined> {
  if (known === undefined && input.kind !== 'look') return undefined
  const held = known === undefined ? undefined : desk.seats.take(run, known.mark)
  const taken = held === undefined ? await load(desk, run) : { seat: held, isOrphan: false }
  if (taken === undefined) return undefined
  const { seat, isOrphan } = taken
  const mark = desk.nextMark()
  try {
    const signals = input.kind === 'look' ? await desk.inbox.listSignals(run) : []
    const decision = await takeTurn(
      seat,
      { mark, wasWaiting: known?.isWaiting ?? false },
      async (active) => {
        if (known?.version !== active.state.version)
          record(active, adoption(active.state, { isOrphan, worker: desk.worker }))
        if (input.kind === 'ended') await settleDispatch(active, input.dispatch, input.ending)
        else if (input.kind === 'due') passTime(active)
        for (const signal of signals) deliver(active, signal)
        active.answered.clear()
      },
    )
    desk.seats.put(seat)
    return decision
  } catch (fault) {
    desk.seats.drop(run)
    throw fault
  }
}

interface Loaded {
  readonly seat: Seat
  readonly isOrphan: boolean
}

/** Takes a run on as its history tells. */
async function load(desk: Desk, run: string): Promise<Loaded | undefined> {
  const adopted = await desk.inbox.adopt(run)
  if (adopted === undefined) return undefined
  const { tenant, definition, isOrphan } = adopted
  const seat = await readSeat(desk, { run, tenant, definition })
  seat.isTaken = true
  return { seat, isOrphan }
}

/** Folds the history of a run. */
export async function readSeat(
  desk: Desk,
  { run, tenant, definition }: RunHeader & { readonly run: string },
): Promise<Seat> {
  const { host, workflows } = desk
  const workflow = await workflowOf({ deps: host, workflows }, definition)
  const state = createRunState(workflow)
  for (const { event, at } of await host.store.readEvents(run)) applyEvent(state, event, at)
  return createSeat(desk, { id: run, tenant, state })
}

async function settleDispatch(
  run: ActiveRun,
  dispatch: Dispatch,
  ending: DispatchEnding,
): Promise<void> {
  if (!isCurrent(run.state, dispatch)) return
  // What was interrupted is begun again when the run goes on.
  if (ending.kind === 'stopped' && run.state.pause === 'interrupt') return
  run.stops.delete(stopKey({ ref: dispatch, purpose: dispatch.purpose }))
  const { purpose } = dispatch
  settle(run, { ref: dispatch, purpose }, await endingOf(run, dispatch, ending))
}

async function endingOf(
  run: ActiveRun,
  dispatch: Dispatch,
  ending: DispatchEnding,
): Promise<Ending> {
  if (ending.kind !== 'stopped') return ending
  const { bound } = dispatch
  const fault = new StepAbortedError(unitKey(dispatch), 'its run does not go on')
  const scope = { step: stepOf(run, dispatch), ref: dispatch, secrets: [], bound }
  return { kind: 'failed', failure: await toFailure(run, scope, fault) }
}

/** Whether the run still waits for this very try. */
export function isCurrent(state: RunState, dispatch: Dispatch): boolean {
  const { attempt, pass, purpose } = dispatch
  if (purpose !== 'do') return undoingOf(state, purpose, dispatch)?.attempt === attempt
  const unit = state.active.get(unitKey(dispatch))
  return unit?.phase === 'running' && unit.attempt === attempt && unit.pass === pass
}

/** What became of a decision. */
export type Outcome = 'done' | 'refused' | 'foreign'

/**
 * Commits what was decided.
 *
 * @remarks Retry: a change is known by the version of its first event, so it is committed once.
 */
export async function commit({ host, seats }: Desk, { change }: Decision): Promise<Outcome> {
  const { store, log } = host
  const { run } = change
  try {
    const result = await store.commit(change)
    if (result.ok) return 'done'
    log.warn('workflow.money-refused', { run, code: result.refusal.code })
  } catch (fault) {
    if (!(fault instanceof FencedError)) throw fault
    const history = await store.readEvents(run)
    if (isCommitted(change, history)) return 'done'
    log.warn('workflow.run-lost', { run, reason: fault.message })
    seats.drop(run)
    return 'foreign'
  }
  seats.drop(run)
  const { worker, tenant, consumed } = change
  await store.commit({ ...NO_CHANGE, run, worker, tenant, consumed })
  return 'refused'
}

function isCommitted({ fromVersion, events }: RunChange, history: readonly TimedEvent[]): boolean {
  return events.every(({ at, event }, place) => {
    const known = history[fromVersion - 1 + place]
    return known?.at === at && known.event.kind === event.kind
  })
}
