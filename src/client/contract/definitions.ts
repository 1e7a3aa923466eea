import type {
  Health,
  ModelList,
  RunRequestBody,
  StepKindRecord,
  ValidateRequest,
  Validation,
} from '../../api/schema.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Quote } from '../../workflow/schema.ts'

import type { CallOptions } from './options.ts'

/** Workflows as they are written, and what the server knows. */
export interface DefinitionMethods {
  validate(request: ValidateRequest, options?: CallOptions): Promise<Validation>
  quote(request: RunRequestBody, options?: CallOptions): Promise<Quote>
  models(options?: CallOptions): Promise<ModelList>
  stepKinds(options?: CallOptions): Promise<readonly StepKindRecord[]>
  workflowSchema(options?: CallOptions): Promise<JsonObject>
  health(options?: CallOptions): Promise<Health>
  ready(options?: CallOptions): Promise<Health>
}
