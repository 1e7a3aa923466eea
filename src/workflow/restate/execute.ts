import type { ActiveRun } from '../host/active-run.ts'
import { executionOf } from '../host/begin-unit.ts'
import { type Ending, executeUnit, toFailure } from '../host/execute-unit.ts'
import type { Execution } from '../host/execution.ts'
import { prepareUnit, stepOf } from '../host/prepare-unit.ts'
import type { Slots } from '../host/slots.ts'
import type { Stop } from '../host/stop.ts'
import { undoExecution } from '../host/undo.ts'
import { undoingOf } from '../machine/decide-rollback.ts'
import { plainFailure } from '../machine/decide-step.ts'
import { MAX_CRASHES, workerLost } from '../machine/decide-undo.ts'
import { unitKey } from '../machine/events.ts'

import { type Desk, isCurrent, readSeat } from './decide.ts'
import type { Dispatch, DispatchEnding } from './messages.ts'

/** What units are executed with. */
export interface Bench extends Desk {
  /** Units at once in this process. */
  readonly room: Slots
}

/**
 * Executes one try of a unit in this process.
 *
 * @remarks Retry: after a crash it is executed again, under the same idempotency key.
 */
export async function execute(
  bench: Bench,
  dispatch: Dispatch,
  stop: Stop,
): Promise<DispatchEnding> {
  const run = await findRun(bench, dispatch)
  if (run === undefined) return { kind: 'stopped' }
  const { inbox, room, host } = bench
  const key = tryKey(dispatch)
  const begun = await inbox.countTry(key)
  try {
    if (begun > MAX_CRASHES) {
      const failure = plainFailure(workerLost(dispatch), host.clock.now())
      return { kind: 'failed', failure }
    }
    await takeRoom(room, dispatch)
    try {
      return await executeInRoom(run, dispatch, stop)
    } finally {
      room.give(dispatch)
    }
  } finally {
    await inbox.forgetTry(key)
  }
}

function tryKey(dispatch: Dispatch): string {
  const { run, attempt, pass, purpose } = dispatch
  return `${run}/${unitKey(dispatch)}/${purpose}/${pass}/${attempt}`
}

async function takeRoom(room: Slots, who: object): Promise<void> {
  if (room.free > 0) {
    room.take(who)
    return
  }
  await new Promise<void>((resolve) => {
    room.await(who, () => {
      room.take(who)
      resolve()
    })
  })
}

/** The run with all that the unit builds on; `undefined` when nobody wants its result any more. */
async function findRun(bench: Bench, dispatch: Dispatch): Promise<ActiveRun | undefined> {
  const { seats, inbox } = bench
  const { run } = dispatch
  const near = seats.peek(run)
  if (near !== undefined && isCurrent(near.run.state, dispatch)) return near.run
  const driven = await inbox.findDriven(run)
  if (driven === undefined) return undefined
  const seat = await readSeat(bench, { run, ...driven })
  if (!isCurrent(seat.run.state, dispatch)) return undefined
  if (seats.peek(run) === undefined) seats.put(seat)
  return seat.run
}

async function executeInRoom(
  run: ActiveRun,
  dispatch: Dispatch,
  stop: Stop,
): Promise<DispatchEnding> {
  if (stop.signal.aborted) return { kind: 'stopped' }
  const execution = await prepareExecution(run, dispatch)
  if ('kind' in execution) return execution
  return executeUnit(run, { ...execution, stop, endsElsewhere: true })
}

async function prepareExecution(run: ActiveRun, dispatch: Dispatch): Promise<Execution | Ending> {
  const { attempt, pass, bound, purpose } = dispatch
  if (purpose !== 'do') {
    const undoing = undoingOf(run.state, purpose, dispatch)
    if (undoing === undefined) throw new TypeError(`nothing is being undone in run ${run.id}`)
    return undoExecution(run, { ref: undoing.ref, attempt, purpose })
  }
  const ready = await prepareUnit(run, { kind: 'begin', ...dispatch })
  if (ready.kind === 'begin' && ready.prepared.kind === 'work') {
    const { prepared, secrets } = ready
    return executionOf(run, dispatch, { prepared, secrets, bound, attempt, pass })
  }
  const scope = { step: stepOf(run, dispatch), ref: dispatch, secrets: [], bound }
  const fault =
    ready.kind === 'broken'
      ? ready.fault
      : new TypeError(`step "${unitKey(dispatch)}" turned out to be ${ready.kind}`)
  return { kind: 'failed', failure: await toFailure(run, scope, fault) }
}
