import type {
  Explanation,
  Moment,
  RedrivePage,
  RedriveRequest,
  RunForkPlan,
  RunForkRequest,
  RunUpgradeCheck,
  RunUpgradePage,
  RunUpgradeRequest,
  Verification,
} from '../../workflow/history/schema.ts'
import type { RunRecord } from '../../workflow/schema.ts'

import type { CallOptions, EffectOptions } from './options.ts'

/** Looking back at runs, and going on from there. */
export interface HistoryMethods {
  /** A run at one place of its history: a step, an item such as `read[7]`, or a version. */
  getMoment(run: string, place: string, options?: CallOptions): Promise<Moment>
  /** Whether everything stored of a run fits together. */
  verifyRun(run: string, options?: CallOptions): Promise<Verification>
  /** What a run waits for, since when, and what would help. */
  explainRun(run: string, options?: CallOptions): Promise<Explanation>
  /** What a fork would take over, and what it would begin anew. */
  planFork(run: string, request: RunForkRequest, options?: CallOptions): Promise<RunForkPlan>
  /** Begins a run with the results that another one has had up to a step. */
  forkRun(run: string, request: RunForkRequest, options?: EffectOptions): Promise<RunRecord>
  /** What a definition would mean to unfinished runs; page by page. */
  checkUpgrades(request: RunUpgradeCheck, options?: CallOptions): Promise<RunUpgradePage>
  /** Asks a run that is paused, waits or has failed to go on under another definition. */
  upgradeRun(run: string, request: RunUpgradeRequest, options?: EffectOptions): Promise<RunRecord>
  /** Asks failed runs to go on; page by page. */
  redrive(request?: RedriveRequest, options?: EffectOptions): Promise<RedrivePage>
}
