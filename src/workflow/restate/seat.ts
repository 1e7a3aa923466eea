import { deferred } from '../../kernel/deferred.ts'
import {
  type ActiveRun,
  createActiveRun,
  record,
  type RunHooks,
  takeOutbox,
} from '../host/active-run.ts'
import type { HostDeps } from '../host/deps.ts'
import { pump } from '../host/drive.ts'
import { endPatch, rowStatus } from '../host/effects.ts'
import type { Execution } from '../host/execution.ts'
import type { RunChange } from '../host/run-store.ts'
import { stopKey } from '../host/settle.ts'
import { createStop } from '../host/stop.ts'
import { type Rest, restOf } from '../host/timers.ts'
import { unitRef } from '../machine/events.ts'
import type { RunState } from '../machine/state.ts'

import { type Decision, type Dispatch, OWNER } from './messages.ts'

/** A run in the memory of a worker that takes its turns, for as long as nobody else does. */
export interface Seat {
  readonly run: ActiveRun
  /** Whether a turn is being taken: no other may be. */
  isTaken: boolean
  /** Names the last turn; empty before the first. */
  mark: string
  gathered: Gathered
}

/** What a run asks for in one turn. */
interface Gathered {
  readonly executions: Execution[]
  readonly stops: Set<string>
  readonly children: string[]
  /** Called when the run has gone on. */
  stir: () => void
}

/** What seats are made with. */
export interface SeatDeps {
  readonly host: HostDeps
  /** Units of one run at once. */
  readonly slots: number
  readonly budgetOf: RunHooks['budgetOf']
}

/** Puts a run into memory, without doing anything with it. */
export function createSeat(
  deps: SeatDeps,
  { id, tenant, state }: { readonly id: string; readonly tenant: string; readonly state: RunState },
): Seat {
  const run = createActiveRun(
    deps.host,
    hooksOf(deps, () => seat),
    { id, tenant, worker: OWNER, state },
  )
  const seat: Seat = { run, isTaken: false, mark: '', gathered: nothing() }
  for (const unit of state.active.values()) {
    if (unit.phase !== 'running') continue
    watchStop(seat, { ref: unitRef(unit), purpose: 'do', stop: createStop() })
  }
  return seat
}

function nothing(): Gathered {
  return { executions: [], stops: new Set(), children: [], stir: () => undefined }
}

function hooksOf({ slots, budgetOf }: SeatDeps, seatOf: () => Seat): RunHooks {
  return {
    slots: {
      get free() {
        const { state, busy } = seatOf().run
        return Math.max(0, slots - state.running - busy.size)
      },
      // What is begun is counted by the run itself; another turn follows each ending anyway.
      take: () => undefined,
      give: () => undefined,
      await: () => undefined,
    },
    // What kills its workers is counted by try there, whatever runs beside it.
    suspects: { admits: () => true, await: () => undefined, tell: () => undefined },
    execute(_run, execution) {
      const seat = seatOf()
      seat.gathered.executions.push(execution)
      watchStop(seat, execution)
    },
    rest: () => undefined,
    pump(run) {
      pump(run)
      seatOf().gathered.stir()
    },
    flushSoon: () => seatOf().gathered.stir(),
    isOpen: () => true,
    // Restate hands units to workers itself.
    hasQueue: false,
    snapshotEvery: Number.POSITIVE_INFINITY,
    budgetOf,
    left: () => undefined,
    begot: (child) => void seatOf().gathered.children.push(child),
  }
}

function watchStop(seat: Seat, execution: Pick<Execution, 'ref' | 'purpose' | 'stop'>): void {
  const key = stopKey(execution)
  seat.run.stops.set(key, execution.stop)
  execution.stop.onStop(() => void seat.gathered.stops.add(key))
}

/**
 * Takes one turn: does `act`, begins what can begin, and gives what is to be committed and done.
 *
 * @remarks Nothing of it has happened yet, but the state is ahead already: if the decision is not
 * kept, the seat must be dropped.
 */
export async function takeTurn(
  seat: Seat,
  { mark, wasWaiting }: { readonly mark: string; readonly wasWaiting: boolean },
  act: (run: ActiveRun) => void | Promise<void>,
): Promise<Decision> {
  const { run } = seat
  seat.mark = mark
  seat.gathered = nothing()
  await act(run)
  run.hooks.pump(run)
  await untilQuiet(seat)
  const rest = restOf(run)
  recordRest(run, rest, wasWaiting)
  const { change } = takeOutbox(run)
  const { executions, stops, children } = seat.gathered
  return {
    change,
    isNews: isNews(change),
    version: run.state.version,
    at: run.deps.clock.now(),
    mark: seat.mark,
    dispatches: executions.map((execution) => toDispatch(run.id, execution)),
    stops: [...stops, ...interrupted(run)],
    wakes: [...new Set([...children, ...change.letters.map((letter) => letter.run)])],
    rest,
  }
}

/** Resolves when the run has nothing more to do before something ends, comes or is due. */
async function untilQuiet({ run, gathered }: Seat): Promise<void> {
  for (;;) {
    const stirred = deferred()
    gathered.stir = () => stirred.resolve()
    // What is recorded from here on stirs again.
    run.isFlushDue = false
    for (const follow of run.outbox.after.splice(0)) follow()
    if (run.outbox.after.length > 0) continue
    if (run.busy.size === 0 && !run.isFinishing) return
    await stirred.promise
  }
}

/** What the row of the run says while nothing happens. */
function recordRest(run: ActiveRun, rest: Rest, wasWaiting: boolean): void {
  const { state } = run
  if (rest.kind === 'ended') record(run, [], { patch: endPatch(state) })
  else if (rest.kind === 'wait') {
    if (!wasWaiting) record(run, [], { patch: { status: rest.status } })
  } else if (wasWaiting) record(run, [], { patch: { status: rowStatus(state.status) } })
}

function isNews({ events, patch, consumed, letters, children }: RunChange): boolean {
  const lists = [events, consumed, letters, children]
  return patch !== undefined || lists.some(({ length }) => length > 0)
}

function toDispatch(run: string, { ref, attempt, pass, purpose, bound }: Execution): Dispatch {
  return { run, ...unitRef(ref), attempt, pass, purpose, bound }
}

/** Units of a run that somebody has interrupted; they are begun again when it is resumed. */
function interrupted({ state, stops }: ActiveRun): readonly string[] {
  return state.status === 'paused' && state.pause === 'interrupt' ? [...stops.keys()] : []
}
