import type { EpochMs } from '../../kernel/clock.ts'
import type { RunSummary, StepSummary } from '../metrics/summary.ts'
import type { Alert, Sla } from '../schema.ts'
import type { Finding } from '../watch/judge.ts'

/** What a part of the journal says of runs. */
export interface Recorded {
  readonly tenant: string
  /** The place up to which the journal had been read. */
  readonly from: number
  /** The place up to which it is read now. */
  readonly to: number
  /** Runs that began, or go on after they had ended. */
  readonly opened: readonly {
    readonly run: string
    readonly workflow: string
    readonly at: EpochMs
  }[]
  readonly ended: readonly {
    readonly run: RunSummary
    readonly steps: readonly StepSummary[]
  }[]
  readonly findings: readonly Finding[]
  readonly at: EpochMs
}

/** Which finished runs are looked at: the latest `limit` that ended in a period. */
export interface SummaryRange {
  readonly tenant: string
  /** Absent: all workflows. */
  readonly workflow?: string | undefined
  readonly since: EpochMs
  readonly until: EpochMs
  readonly limit: number
}

/** Which alerts are listed: the latest first, those before the place `before` when it is given. */
export interface AlertRange {
  readonly tenant: string
  readonly isOpen?: boolean | undefined
  readonly before?: { readonly at: EpochMs; readonly id: string } | undefined
  readonly limit: number
}

/** What is done with an alert. */
export interface AlertMark {
  readonly tenant: string
  readonly id: string
  readonly action: 'acknowledge' | 'resolve'
  readonly by: string
  readonly at: EpochMs
}

/** What earlier runs tell of one step. */
export interface StepPast {
  readonly step: string
  readonly durations: readonly number[]
  readonly items: number | undefined
}

/** Where progress keeps what it has read from the journal. Adapters pass `describeProgressStore`. */
export interface ProgressStore {
  /** The place up to which the journal of a tenant is recorded; 0 at first. */
  position(tenant: string): Promise<number>
  /**
   * Records a part of the journal and where it ends, in one transaction.
   *
   * @remarks What is found under a key that is known is not kept again. What was said of a run while
   * it was open is settled by its end.
   * @returns false, and nothing is changed, when `from` is no longer the place.
   */
  record(recorded: Recorded): Promise<boolean>
  /** Finished runs, the latest first. */
  listRuns(range: SummaryRange): Promise<readonly RunSummary[]>
  /** Steps of finished runs, the latest first. */
  listSteps(range: SummaryRange): Promise<readonly StepSummary[]>
  /** Steps of the latest `limit` finished runs of a workflow, the latest first. */
  listPast(tenant: string, workflow: string, limit: number): Promise<readonly StepPast[]>
  /** One typical duration each of the latest steps of a kind. */
  listKind(tenant: string, uses: string, limit: number): Promise<readonly number[]>
  /** Runs of a workflow that have not ended, the oldest first. */
  listOpen(tenant: string, workflow: string, limit: number): Promise<readonly string[]>
  /** Sets what is promised, in place of what was. */
  setSla(tenant: string, sla: Sla): Promise<void>
  /** By name of the workflow. */
  listSlas(tenant: string): Promise<readonly Sla[]>
  /** @returns false when there was none. */
  removeSla(tenant: string, workflow: string): Promise<boolean>
  /** Tenants of whose workflows something is promised. */
  listWatched(): Promise<readonly string[]>
  /** Keeps what was found, unless something is known under its key. @returns how many are new. */
  raise(tenant: string, findings: readonly Finding[], at: EpochMs): Promise<number>
  listAlerts(range: AlertRange): Promise<readonly Alert[]>
  /** Marks an alert; the first mark of a kind stays. @returns `undefined` when there is none. */
  markAlert(mark: AlertMark): Promise<Alert | undefined>
}
