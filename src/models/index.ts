/**
 * Models: language models by reference, tasks on given material, and the offline model.
 *
 * @module
 */
export type {
  Awaitable,
  BuiltinAlgorithms,
  FoundClaim,
  FoundRelations,
  Passage,
  WeightedTerm,
} from './algorithms.ts'
export { type AlgorithmThreads, createAlgorithmThreads } from './builtin/algorithm-threads.ts'
export { createBuiltinModel } from './builtin-model.ts'
export type { TextListener } from './calls/tell.ts'
export type { ProviderStatus, Secrets } from './catalog/catalog.ts'
export {
  type CallFaultFacts,
  CircuitOpenError,
  ContextOverflowError,
  GarbageError,
  InvalidOutputError,
  KeyRejectedError,
  ModelCallError,
  ModelTimeoutError,
  ProviderFailedError,
  RateLimitedError,
  RefusedError,
} from './errors.ts'
export { createPolicyGuards } from './limits/guards-http.ts'
export {
  type CallOptions,
  createModels,
  type Models,
  type ModelsDeps,
  type TaskOptions,
  type TaskResult,
} from './models.ts'
export type { Fetch, GetModel, LoadProvider, ProviderAccess } from './providers/load-provider.ts'
export {
  providerConfig,
  type ProviderConfig,
  type ProviderConfigInput,
  type ProviderKind,
} from './providers/schema.ts'
export { createRecordingFetch, createReplayFetch } from './recordings/recorded-fetch.ts'
export { createFileRecordings } from './recordings/recordings-fs.ts'
export { type Recording, recording } from './recordings/schema.ts'
export type { RecordingStore } from './recordings/store.ts'
export {
  IdempotencyConflictError,
  InvalidProvidersError,
  InvalidReferenceError,
  InvalidSchemaError,
  InvalidTaskInputError,
  MissingKeyError,
  NoMaterialError,
  UnknownModelError,
  UnknownProviderError,
  UnrecordedRequestError,
} from './request-errors.ts'
export {
  FINISH_REASONS,
  type FinishReason,
  generateRequest,
  type GenerateRequest,
  generation,
  type Generation,
  message,
  type Message,
  outputContract,
  type OutputContract,
  streamPart,
  type StreamPart,
  type ToolCall,
  toolDefinition,
  type ToolDefinition,
  usage,
  type Usage,
} from './schema.ts'
export {
  claim,
  type Claim,
  documentClaim,
  type DocumentClaim,
  type Quotation,
  relations,
  type Relations,
  TASK_NAMES,
  taskCall,
  type TaskCall,
  type TaskInput,
  taskInputs,
  type TaskName,
  type TaskOutput,
  taskOutputs,
} from './tasks/schema.ts'
export { parseTaskInput } from './tasks/tasks.ts'
export type { TokenEstimate } from './tokens/estimate.ts'
export type { TokenCounter } from './tokens/tokens.ts'
