/**
 * Typed client of the HTTP API, for Node and browsers; the package's entry `prsm/client`.
 *
 * @module
 */
export type { ApiKey, IssuedApiKey, NewApiKey, Scope } from '../access/schema.ts'
export type {
  CancelRequest,
  Event,
  Health,
  IncidentResolution,
  LimitRequest,
  ModelList,
  ModelProvider,
  ResolutionRequest,
  ResumeRequest,
  RollbackRequest,
  RunFile,
  RunRequestBody,
  ShareRequest,
  SignalRequestBody,
  StepKindRecord,
  ValidateRequest,
  Validation,
  Wallet,
} from '../api/schema.ts'
export type { Transfer } from '../ledger/schema.ts'
export type { ImportedBundle, Signer } from '../library/bundle/schema.ts'
export type { Converted, ImportFinding } from '../library/import/schema.ts'
export type {
  DefinitionDiff,
  LibraryAction,
  LibraryUsage,
  Pruned,
  SavedWorkflow,
  SharingLevel,
  UpgradeReport,
  UpgradeVerdict,
  VersionDetail,
  WorkflowStatus,
  WorkflowVersion,
} from '../library/schema.ts'
export type {
  CreateTemplateRequest,
  ParameterChoice,
  Template,
  TemplateCategory,
  TemplateDetail,
  TemplateDocument,
  UsedTemplate,
} from '../library/templates/schema.ts'
export type {
  Alert,
  BottleneckReport,
  NewSla,
  RunProgress,
  Sla,
  SlaReport,
  Stats,
  Timeline,
  TraceFormat,
} from '../progress/schema.ts'
export type { PriceList } from '../pricing/schema.ts'
export type { NewSecret, Rotation, SecretRecord } from '../vault/schema.ts'
export type { Problem } from '../workflow/definition/schema.ts'
export type { BreakerRecord } from '../workflow/breakers/schema.ts'
export type {
  LimitRecord,
  PoolRecord,
  QueueEntry,
  QueueLoad,
  QueueStatus,
  Resource,
  ShareRecord,
  WorkerRecord,
} from '../workflow/queue/schema.ts'
export type {
  Backfill,
  BackfillRequest,
  CreatedSchedule,
  Delivery,
  Fire,
  FireStatus,
  FiresPreview,
  NewSchedule,
  PreviewRequest,
  Schedule,
  ScheduleSpec,
  ScheduleStatus,
  ScheduleUpdate,
  ScheduleVersion,
  Trigger,
  TriggerRequest,
} from '../workflow/schedule/schema.ts'
export type {
  Explanation,
  RunForkPlan,
  RunForkRequest,
  Moment,
  Reason,
  RedrivePage,
  RedriveRequest,
  StateChange,
  RunUpgradeCheck,
  RunUpgradePage,
  RunUpgradeReport,
  RunUpgradeRequest,
  Verification,
} from '../workflow/history/schema.ts'
export type {
  FailureKind,
  Incident,
  IncidentState,
  PlannedUnit,
  Resolution,
  RollbackPlan,
} from '../workflow/rollback/schema.ts'
export type { Quote, RunRecord, RunState } from '../workflow/schema.ts'
export type { Chunk } from '../workflow/chunks/schema.ts'
export { type AssembledText, assembleText, type StepText } from './assemble-text.ts'
export { type ClientOptions, createClient } from './client.ts'
export type { Client } from './contract.ts'
export type { ChunkFilter, Download, EventFilter } from './contract/events.ts'
export type { LibraryName, VersionName, WorkflowFilter } from './contract/library.ts'
export type { CallOptions, EffectOptions, ListOptions } from './contract/options.ts'
export type { AlertFilter, PeriodFilter } from './contract/progress.ts'
export type { QueueFilter } from './contract/queue.ts'
export type { IncidentFilter, PlanOptions } from './contract/rollback.ts'
export type { RunFilter } from './contract/runs.ts'
export type {
  DeliveryRequest,
  FireFilter,
  ScheduleFilter,
  SignedDeliveryRequest,
} from './contract/schedules.ts'
export type { TemplateFilter } from './contract/templates.ts'
export {
  ApiError,
  InvalidArgumentError,
  UnexpectedResponseError,
  UnreachableError,
} from './errors.ts'
export type { Listing, Page } from './listing.ts'
export { type Operation, OPERATIONS, STREAMED } from './operations.ts'
export type { Backoff, Pause } from './timing.ts'
export type { FetchLike } from './transport.ts'
export type { ChunkNews } from './watch-chunks.ts'
export type { WatchOptions } from './watch.ts'
