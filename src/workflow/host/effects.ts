import { type MicroFtns, toMicroFtns } from '../../kernel/money.ts'
import { COMPUTE_ACCOUNT, type LedgerCommand, walletOf } from '../../ledger/index.ts'
import { undoingOf } from '../machine/decide-rollback.ts'
import { type RunEvent, type UnitRef, unitKey } from '../machine/events.ts'
import type { RunState as MachineState, RunStatus } from '../machine/state.ts'
import type { RunState } from '../schema.ts'

import type { RunPatch, TimedEvent } from './run-store.ts'

/** Whose run it is. */
export interface RunOwner {
  readonly id: string
  readonly tenant: string
}

/** The hold that pays for a run from its beginning. */
export function holdOf(run: string): string {
  return `hold:${run}`
}

/**
 * The money an event moves. Called before the event is folded.
 *
 * @remarks Retry: every movement is named by run, unit, pass and try, so it happens once.
 */
export function moneyOf(
  state: MachineState,
  { event, at }: TimedEvent,
  owner: RunOwner,
): readonly LedgerCommand[] {
  switch (event.kind) {
    case 'run.created':
      return firstHold({ event, at }, owner)
    case 'run.resumed':
      return resumeMoney(state, { event, at }, owner)
    case 'run.compensating':
      return reopeningHold(state, { event, at }, owner)
    case 'step.completed':
    case 'step.failed':
    case 'step.retrying':
    case 'step.repeating':
      return chargeOf(state, { event, at }, owner)
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return lastRelease(state)
    default:
      return isUndoEnding(event) ? undoChargeOf(state, { event, at }, owner) : []
  }
}

type UndoEnding =
  | 'undo.completed'
  | 'undo.failed'
  | 'undo.retrying'
  | 'clean.completed'
  | 'clean.failed'
  | 'clean.retrying'

/** Whether a try to undo a unit, or to remove what it left, has ended. */
function isUndoEnding(event: RunEvent): event is EventOf<UndoEnding>['event'] {
  const { kind } = event
  return (kind.startsWith('undo.') || kind.startsWith('clean.')) && !kind.endsWith('.started')
}

/** The hold that pays for a new run. */
export function firstHold(
  { event, at }: EventOf<'run.created'>,
  owner: RunOwner,
): readonly LedgerCommand[] {
  const { hold, budget } = event.data
  if (hold !== holdOf(owner.id)) return []
  return [holdCommand(hold, owner, { amount: toMicroFtns(BigInt(budget)), at })]
}

/** A child run is paid from its parent's hold, which goes on. */
function lastRelease({ hold, parent }: MachineState): readonly LedgerCommand[] {
  return hold === undefined || parent !== undefined ? [] : [{ kind: 'release', hold }]
}

function holdCommand(
  id: string,
  { tenant }: RunOwner,
  { amount, at }: { readonly amount: MicroFtns; readonly at: number },
): LedgerCommand {
  return { kind: 'hold', id, account: walletOf(tenant), amount, at }
}

type EventOf<Kind extends RunEvent['kind']> = {
  readonly event: Extract<RunEvent, { readonly kind: Kind }>
  readonly at: number
}

/** More budget raises the hold; a redrive needs a new one, for what is left. */
function resumeMoney(
  state: MachineState,
  { event, at }: EventOf<'run.resumed'>,
  owner: RunOwner,
): readonly LedgerCommand[] {
  const { hold, budget } = event.data
  const total = budget === undefined ? state.budget : BigInt(budget)
  if (hold !== undefined) {
    return [holdCommand(hold, owner, { amount: toMicroFtns(total - state.spent), at })]
  }
  if (budget === undefined || state.hold === undefined) return []
  return [{ kind: 'extend', hold: state.hold, amount: toMicroFtns(total - state.spentBefore) }]
}

/** A run that has ended is rolled back at its own cost: what is left of its budget is set aside anew. */
function reopeningHold(
  { budget, spent }: MachineState,
  { event, at }: EventOf<'run.compensating'>,
  owner: RunOwner,
): readonly LedgerCommand[] {
  const { hold } = event.data
  if (hold === undefined) return []
  return [holdCommand(hold, owner, { amount: toMicroFtns(budget - spent), at })]
}

type Charging = 'step.completed' | 'step.failed' | 'step.retrying' | 'step.repeating'

function chargeOf(
  state: MachineState,
  { event, at }: EventOf<Charging>,
  { id }: RunOwner,
): readonly LedgerCommand[] {
  const { cost } = event.data
  const unit = state.active.get(unitKey(event.data))
  // What a child run has cost was paid by the child, as it happened.
  if (cost === undefined || state.hold === undefined || unit?.waiting?.for === 'run') return []
  const key = `${id}:${unitKey(event.data)}:${unit?.pass ?? 1}:${unit?.attempt ?? 1}${anew(state, event.data)}`
  return [captureCommand(key, { hold: state.hold, cost, memo: `step ${unitKey(event.data)}`, at })]
}

/** Tells tries of the same number apart when a unit is done anew; nothing the first time. */
function anew({ redrives, steps }: MachineState, { step }: UnitRef): string {
  const round = steps.get(step)?.round ?? 0
  return redrives + round === 0 ? '' : `:${redrives}.${round}`
}

/** What a try to undo a unit used up, as far as the hold reaches: see `undo.ts`. */
function undoChargeOf(
  state: MachineState,
  { event, at }: EventOf<UndoEnding>,
  { id }: RunOwner,
): readonly LedgerCommand[] {
  const { hold } = state
  const { cost } = event.data
  if (cost === undefined || hold === undefined) return []
  const unit = unitKey(event.data)
  const purpose = event.kind.startsWith('undo.') ? 'undo' : 'clean'
  const attempt = undoingOf(state, purpose, event.data)?.attempt ?? 1
  const key = `${purpose}:${id}:${unit}:${attempt}${anew(state, event.data)}`
  const memo = `${purpose === 'undo' ? 'undo of' : 'removal of what was left by'} step ${unit}`
  return [captureCommand(key, { hold, cost, memo, at })]
}

interface Capture {
  readonly hold: string
  /** µFTNS as a decimal string. */
  readonly cost: string
  readonly memo: string
  readonly at: number
}

function captureCommand(id: string, { hold, cost, memo, at }: Capture): LedgerCommand {
  const amount = toMicroFtns(BigInt(cost))
  return { kind: 'capture', id, hold, credit: COMPUTE_ACCOUNT, amount, reason: 'charge', memo, at }
}

/** What an event changes in the row of the run. Called after the event was folded. */
export function patchOf(state: MachineState, { event, at }: TimedEvent): RunPatch | undefined {
  switch (event.kind) {
    case 'run.started':
      return { status: 'running', startedAt: at }
    case 'run.resumed':
      return {
        status: rowStatus(state.status),
        ...(event.data.reason === 'redrive' && { endedAt: null, error: null }),
      }
    case 'run.paused':
    case 'run.stopping':
    case 'run.cancelling':
      return { status: rowStatus(state.status) }
    case 'run.compensating':
      return {
        status: rowStatus(state.status),
        ...(event.data.by !== undefined && { endedAt: null, error: null }),
      }
    case 'run.completed':
    case 'run.cancelled':
      return { ...endPatch(state), endedAt: at }
    case 'run.failed':
      return { ...endPatch(state), endedAt: at, error: event.data.error }
    default:
      return undefined
  }
}

/**
 * The row of a run that has ended, all of it: its last owner may have written the end of its history
 * when the row was no longer its own.
 */
export function endPatch({ status, spent, endedAt, failure }: MachineState): RunPatch {
  return {
    status: rowStatus(status),
    owner: null,
    wakeAt: null,
    cost: spent,
    ...(endedAt !== undefined && { endedAt }),
    ...(status === 'failed' && failure !== undefined && { error: failure.error }),
  }
}

/** The status people see. */
export function rowStatus(status: RunStatus): RunState {
  switch (status) {
    case 'created':
      return 'queued'
    case 'stopping':
      return 'running'
    default:
      return status
  }
}
