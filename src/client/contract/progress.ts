import type { JsonObject } from '../../kernel/json.ts'
import type {
  Alert,
  BottleneckReport,
  NewSla,
  RunProgress,
  Sla,
  SlaReport,
  Stats,
  Timeline,
  TraceFormat,
} from '../../progress/schema.ts'
import type { Listing } from '../listing.ts'

import type { CallOptions, EffectOptions, ListOptions } from './options.ts'

/** Which finished runs are summed up. */
export interface PeriodFilter extends CallOptions {
  /** Of the workflow. */
  readonly workflow?: string
  /** Runs that ended since then, Unix epoch, ms. @defaultValue a week ago */
  readonly since?: number
}

/** Which alerts are listed. */
export interface AlertFilter extends ListOptions {
  /** Whether only those that are not resolved, or only those that are. */
  readonly open?: boolean
}

/** How far runs are, and why they take as long as they do. */
export interface ProgressMethods {
  /** How far a run is, and when it is expected to be done. */
  progress(run: string, options?: CallOptions): Promise<RunProgress>
  timeline(run: string, options?: CallOptions): Promise<Timeline>
  /** Why a run took as long as it did, and what would make it shorter. */
  bottlenecks(run: string, options?: CallOptions): Promise<BottleneckReport>
  trace(run: string, format: TraceFormat, options?: CallOptions): Promise<JsonObject>
  stats(filter?: PeriodFilter & { readonly by?: 'hour' | 'day' }): Promise<Stats>
}

/** What is promised of workflows, and who is told when it is at risk. */
export interface PromiseMethods {
  /** Takes the place of what was promised of the workflow. */
  setSla(request: NewSla, options?: EffectOptions): Promise<Sla>
  listSlas(options?: CallOptions): Promise<readonly Sla[]>
  /** @returns what is still promised. */
  removeSla(workflow: string, options?: EffectOptions): Promise<readonly Sla[]>
  slaReport(filter?: PeriodFilter): Promise<SlaReport>
  listAlerts(filter?: AlertFilter): Listing<Alert>
  acknowledgeAlert(alert: string, options?: EffectOptions): Promise<Alert>
  resolveAlert(alert: string, options?: EffectOptions): Promise<Alert>
}
