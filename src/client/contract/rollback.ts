import type { IncidentResolution, ResolutionRequest, RollbackRequest } from '../../api/schema.ts'
import type { Incident, IncidentState, RollbackPlan } from '../../workflow/rollback/schema.ts'
import type { RunRecord } from '../../workflow/schema.ts'
import type { Listing } from '../listing.ts'

import type { CallOptions, EffectOptions, ListOptions } from './options.ts'

/** Which incidents are listed. */
export interface IncidentFilter extends ListOptions {
  readonly state?: IncidentState
  readonly run?: string
}

/** How far a planned rollback goes. */
export interface PlanOptions extends CallOptions {
  /** The step that stays, with everything it needs. @defaultValue nothing stays */
  readonly to?: string
}

/** What failed, and how it is undone. */
export interface RollbackMethods {
  /** What a rollback would do; nothing is done. */
  planRollback(run: string, options?: PlanOptions): Promise<RollbackPlan>
  /** Undoes what a paused or ended run did. */
  rollBack(run: string, request?: RollbackRequest, options?: EffectOptions): Promise<RunRecord>
  /** Decides about a run that waits for a decision. */
  resolve(run: string, request: ResolutionRequest, options?: EffectOptions): Promise<RunRecord>
  listIncidents(filter?: IncidentFilter): Listing<Incident>
  getIncident(id: string, options?: CallOptions): Promise<Incident>
  /** Tells that an incident was finished by hand. */
  closeIncident(
    id: string,
    request?: IncidentResolution,
    options?: EffectOptions,
  ): Promise<Incident>
}
