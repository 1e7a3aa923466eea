import { hashJson } from '../../kernel/hash.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { rowStatus } from '../host/effects.ts'
import type { TimedEvent } from '../host/run-store.ts'
import { applyEvent } from '../machine/apply.ts'
import { createRunState, isFinal, type RunState } from '../machine/state.ts'
import type { RunRecord } from '../schema.ts'

import { CHAIN_START, chainOn } from './chain.ts'
import type { Verification } from './schema.ts'
import { hashState, type Snapshot } from './snapshot.ts'

/** An event with the place at which it is stored. */
export interface PlacedEvent extends TimedEvent {
  readonly version: number
}

/** Everything that is stored of a run. */
export interface StoredRun {
  readonly record: RunRecord
  readonly workflow: CompiledWorkflow
  readonly events: readonly PlacedEvent[]
  readonly snapshot: Snapshot | undefined
}

type Problem = Verification['problems'][number]

/**
 * Compares everything stored of a run with the fold of its history.
 *
 * @remarks Finds gaps, events that do not fit the ones before them, a snapshot or a row that says
 * something else, and adopted results that are not what they were.
 */
export function verifyRun({ record, workflow, events, snapshot }: StoredRun): Verification {
  const problems: Problem[] = []
  const state = createRunState(workflow)
  let [chain, adopted] = [CHAIN_START, 0]
  for (const placed of events) {
    const { version, event, at } = placed
    if (version !== state.version + 1) {
      problems.push({
        version,
        code: 'gap',
        message: `event ${state.version + 1} is missing`,
      })
      break
    }
    chain = chainOn(chain, placed)
    if (event.kind === 'step.adopted') {
      adopted++
      if (hashJson(event.data.output) !== event.data.hash)
        problems.push({ version, code: 'adopted', message: 'an adopted result has another hash' })
    }
    try {
      applyEvent(state, event, at)
    } catch (fault) {
      problems.push({ version, code: 'unfoldable', message: String(fault) })
      break
    }
    if (snapshot?.version === version && snapshot.hash !== hashState(state))
      problems.push({ version, code: 'snapshot', message: 'the snapshot is another state' })
  }
  if (problems.length === 0) problems.push(...compareRow(record, state))
  return {
    run: record.id,
    isIntact: problems.length === 0,
    events: events.length,
    chain,
    stateHash: hashState(state),
    ...(snapshot !== undefined && { snapshot: snapshot.version }),
    adopted,
    problems,
  }
}

/** A run that goes on may be ahead of its row, or waits under a name that its history does not use. */
function compareRow({ status, cost }: RunRecord, state: RunState): readonly Problem[] {
  if (!isFinal(state.status)) return []
  const problems: Problem[] = []
  const told = rowStatus(state.status)
  if (told !== status)
    problems.push({ code: 'row', message: `the row says ${status}, the history ${told}` })
  if (state.spent !== cost)
    problems.push({
      code: 'row',
      message: `the row says it cost ${cost}, the history ${state.spent}`,
    })
  return problems
}
