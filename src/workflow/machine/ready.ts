import type { EpochMs } from '../../kernel/clock.ts'

import { type UnitRef, unitKey, unitRef } from './events.ts'
import type { Items, RunState } from './state.ts'

/** Something that can begin now. */
export type Candidate =
  /** A step, an item, or another try or pass of one. */
  | (UnitRef & { readonly kind: 'begin' })
  /** A step with `forEach` whose list is not known yet. */
  | (UnitRef & { readonly kind: 'expand' })

/** What limits the choice. */
export interface Choice {
  /** How many may begin. */
  readonly limit: number
  /** Keys of units that the host is preparing already. */
  readonly busy: ReadonlySet<string>
  readonly now: EpochMs
}

/**
 * What should begin now: at most `limit`, the most urgent first.
 *
 * @remarks Work-conserving: whatever is ready begins as long as there is room, whichever level of
 * the graph it stands on. Retries and passes that are due come before steps that are new.
 */
export function nextUnits(state: RunState, { limit, busy, now }: Choice): readonly Candidate[] {
  if (!mayBegin(state)) return []
  const room = Math.min(
    limit,
    state.workflow.concurrency - state.running - state.queued - busy.size,
  )
  const chosen: Candidate[] = []
  if (room <= 0) return chosen
  for (const unit of dueUnits(state, now)) {
    if (chosen.length === room) return chosen
    if (!busy.has(unitKey(unit))) chosen.push({ kind: 'begin', ...unitRef(unit) })
  }
  for (const name of state.ready) {
    if (chosen.length === room) break
    chooseStep(state, name, { chosen, room, busy })
  }
  return chosen
}

/** Whether anything may begin at all. */
export function mayBegin({ status, failure, workflow }: RunState): boolean {
  return status === 'running' && (failure === undefined || !workflow.isFailFast)
}

/** Units whose retry or next pass is due. */
export function dueUnits(state: RunState, now: EpochMs): readonly UnitRef[] {
  if (state.active.size === state.running) return []
  return [...state.active.values()].filter(
    ({ phase, dueAt = 0 }) => (phase === 'retrying' || phase === 'repeating') && dueAt <= now,
  )
}

interface Choosing {
  readonly chosen: Candidate[]
  readonly room: number
  readonly busy: ReadonlySet<string>
}

function chooseStep(state: RunState, name: string, { chosen, room, busy }: Choosing): void {
  const { forEach } = state.workflow.steps.get(name) ?? {}
  const items = state.steps.get(name)?.items
  if (forEach === undefined || items === undefined) {
    if (!busy.has(name))
      chosen.push({ kind: forEach === undefined ? 'begin' : 'expand', step: name })
    return
  }
  let places = forEach.maxConcurrency === undefined ? room : forEach.maxConcurrency - items.active
  for (const index of itemsToBegin(items)) {
    if (chosen.length === room || places <= 0) return
    const isBusy = busy.has(unitKey({ step: name, index }))
    if (!isBusy) chosen.push({ kind: 'begin', step: name, index })
    places--
  }
}

function* itemsToBegin({ again, next, count }: Items): Generator<number> {
  yield* again
  for (let index = next; index < count; index++) yield index
}
