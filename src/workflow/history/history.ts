import { createDefinitionCache } from '../definition-cache.ts'
import type { RunRecord } from '../schema.ts'

import { momentAt } from './debug.ts'
import { foldRun } from './fold.ts'
import { type Fork, fork, planOf } from './forks.ts'
import type { HistoryDeps, HistoryParts } from './history-deps.ts'
import { type Redrive, redrive } from './redrive.ts'
import { createRunReader } from './run-reader.ts'
import type {
  Explanation,
  RunForkPlan,
  Moment,
  RedrivePage,
  RunUpgradePage,
  Verification,
} from './schema.ts'
import { checkUpgrades, upgrade, type UpgradeCheck, type UpgradeOrder } from './upgrades.ts'
import { verifyRun } from './verify.ts'
import { explain } from './why/explain-run.ts'
import type { Whereabouts } from './why/facts.ts'

/** What can be learnt from, and done with, the history of runs. */
export interface History {
  /**
   * A run at one place of its history.
   *
   * @throws {@link UnknownRunError} {@link UnknownPlaceError}
   */
  momentAt(tenant: string, run: string, place: string): Promise<Moment>
  /** Compares everything stored of a run with the fold of its history. @throws {@link UnknownRunError} */
  verify(tenant: string, run: string): Promise<Verification>
  /** Says what a run waits for, and what would help. @throws {@link UnknownRunError} */
  explain(tenant: string, run: string): Promise<Explanation>
  /** Says what a fork would take over. @throws as {@link fork} */
  planFork(request: Fork): Promise<RunForkPlan>
  /**
   * Begins a run with the results that another one has had up to a step.
   *
   * @throws {@link UnknownRunError} {@link UnknownPlaceError} {@link InvalidDefinitionError}
   * @throws {@link InvalidInputsError} {@link RefusedError} the wallet cannot cover the budget.
   */
  fork(request: Fork): Promise<RunRecord>
  /** Replays unfinished runs under another definition. @throws {@link InvalidDefinitionError} */
  checkUpgrades(request: UpgradeCheck): Promise<RunUpgradePage>
  /**
   * Asks a run that is paused, waits or has failed to go on under another definition.
   *
   * @throws {@link RefusedError} it does not fit, or works at this moment.
   */
  upgrade(request: UpgradeOrder): Promise<RunRecord>
  /** Asks failed runs to go on from what is done; asked twice, each goes on once. */
  redrive(request: Redrive): Promise<RedrivePage>
}

/** Builds the service; called once, from the composition root. */
export function createHistory(deps: HistoryDeps): History {
  const parts: HistoryParts = {
    deps,
    cache: createDefinitionCache(deps),
    reader: createRunReader(deps),
  }
  const { reader } = parts
  return {
    async momentAt(tenant, run, place) {
      const { workflow, events } = await reader.read(tenant, run)
      return momentAt({ run, workflow, events, place }, deps.artifacts)
    },
    async verify(tenant, run) {
      const record = await reader.record(tenant, run)
      const workflow = await reader.workflow(record.definition)
      const snapshot = await deps.history.findSnapshot(run)
      return verifyRun({
        record,
        workflow,
        events: await deps.history.readPlaced(run),
        // One of another definition is not used any more.
        snapshot: snapshot?.definition === record.definition ? snapshot : undefined,
      })
    },
    async explain(tenant, run) {
      const { record, workflow, events } = await reader.read(tenant, run)
      const where = (await deps.history.findWhereabouts(run)) ?? nowhere(deps)
      return explain({ record, state: foldRun(workflow, events), events, where })
    },
    planFork: (request) => planOf(parts, request),
    fork: (request) => fork(parts, request),
    checkUpgrades: (request) => checkUpgrades(parts, request),
    upgrade: (request) => upgrade(parts, request),
    redrive: (request) => redrive(parts, request),
  }
}

/** A run whose row has just gone. */
function nowhere({ clock }: HistoryDeps): Whereabouts {
  return {
    owner: undefined,
    leaseLeftMs: undefined,
    isOrphan: false,
    wakeAt: undefined,
    unread: 0,
    workers: 0,
    tasks: [],
    now: clock.now(),
  }
}
