import type {
  CancelRequest,
  ResumeRequest,
  RunRequestBody,
  SignalRequestBody,
} from '../../api/schema.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { RunRecord, RunState } from '../../workflow/schema.ts'
import type { Listing } from '../listing.ts'

import type { CallOptions, EffectOptions, ListOptions } from './options.ts'

/** Which runs are listed. */
export interface RunFilter extends ListOptions {
  readonly status?: RunState
  /** Of the workflow. */
  readonly name?: string
}

/** Runs, and how they go on. */
export interface RunMethods {
  createRun(request: RunRequestBody, options?: EffectOptions): Promise<RunRecord>
  listRuns(filter?: RunFilter): Listing<RunRecord>
  getRun(run: string, options?: CallOptions): Promise<RunRecord>
  getDefinition(run: string, options?: CallOptions): Promise<JsonObject>
  cancel(run: string, request?: CancelRequest, options?: EffectOptions): Promise<RunRecord>
  pause(run: string, options?: EffectOptions): Promise<RunRecord>
  resume(run: string, request?: ResumeRequest, options?: EffectOptions): Promise<RunRecord>
  signal(run: string, request: SignalRequestBody, options?: EffectOptions): Promise<RunRecord>
}
