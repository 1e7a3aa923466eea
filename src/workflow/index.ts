/**
 * Workflow: definitions, the pure machine that decides, and the hosts that run it durably.
 *
 * @module
 */
export type { ChunkRange, ChunkStore } from './chunks/chunk-store.ts'
export { CHUNK_MIGRATIONS, createSqlChunkStore, openChunks } from './chunks/chunk-store-sql.ts'
export { chunk, type Chunk, chunksEnd, type ChunksEnd, superseded } from './chunks/schema.ts'
export {
  type CodeWorkflow,
  defineWorkflow,
  type StepCall,
  type StepOptions,
  type WorkflowBuilder,
} from './define.ts'
export type { StepKinds } from './definition/check.ts'
export type { CompiledWorkflow } from './definition/compiled.ts'
export { loadDefinition } from './definition-fs.ts'
export type { SourceDocument } from './definition/document.ts'
export { checkSchema, createInputCheck } from './definition/json-schema.ts'
export { workflowSchema } from './definition/workflow-schema.ts'
export { definition, type Definition, problem, type Problem } from './definition/schema.ts'
export {
  InvalidDefinitionError,
  InvalidInputsError,
  RefusedError,
  UnknownRunError,
} from './errors.ts'
export type { Fork } from './history/forks.ts'
export { createSqlHistoryStore } from './history/history-sql.ts'
export { createHistory, type History } from './history/history.ts'
export type { HistoryStore } from './history/history-store.ts'
export {
  explanation,
  forkPlan,
  forkRequest,
  moment,
  redrivePage,
  redriveRequest,
  upgradeCheckRequest,
  upgradePage,
  upgradeRequest,
  verification,
} from './history/schema.ts'
export { BREAKER_MIGRATIONS, createSqlBreakerBoard } from './breakers/board-sql.ts'
export {
  type BreakerBoard,
  type BreakerRange,
  type BreakerReset,
  type BreakerWatch,
  createBreakerWatch,
} from './breakers/breaker-board.ts'
export type { HostDeps } from './host/deps.ts'
export { createEngine, type Engine } from './host/engine.ts'
export type { EngineOptions } from './host/engine-state.ts'
export { HISTORY_MIGRATIONS, WORKFLOW_MIGRATIONS } from './host/rows-sql.ts'
export type { RunStore, TimedEvent } from './host/run-store.ts'
export { UnknownIncidentError } from './rollback/errors.ts'
export type { IncidentStore } from './rollback/incident-store.ts'
export { createSqlIncidents, ROLLBACK_MIGRATIONS } from './rollback/incidents-sql.ts'
export { createRollbacks, type Rollbacks } from './rollback/rollbacks.ts'
export { incident, incidentState, resolution, rollbackPlan } from './rollback/schema.ts'
export { createSqlRunStore } from './host/run-store-sql.ts'
export { runWriters } from './host/run-writers-sql.ts'
export { toVector } from './queue/amounts.ts'
export { type Amounts, label, queueLoad, queueStatus, workerRecord } from './queue/schema.ts'
export { createQueue, type Queue, UnknownWorkerError } from './queue/queue.ts'
export { QUEUE_MIGRATIONS } from './queue/rows-sql.ts'
export { createSqlTaskStore } from './queue/task-store-sql.ts'
export type { TaskStore, WorkerProfile } from './queue/task.ts'
export type { Control } from './machine/control.ts'
export type { RunEvent } from './machine/events.ts'
export { maskJournal } from './mask-journal.ts'
export { createSqlInbox, type Inbox, RESTATE_MIGRATIONS } from './restate/inbox-sql.ts'
export {
  createRestateEngine,
  type RestateDeps,
  type RestateOptions,
} from './restate/restate-engine.ts'
export { createRestateServer, type RestateReport } from './restate/server-http.ts'
export { quoteRun, type QuoteOptions } from './quote.ts'
export {
  errorRecord,
  quote,
  type Quote,
  runRecord,
  type RunRecord,
  runState,
  type RunState,
} from './schema.ts'
export { type CodeKind, createCodeKind } from './steps/code/code-kind.ts'
export { createFileKinds } from './steps/files/kinds-fs.ts'
export { FLOW_KINDS } from './steps/flow-kinds.ts'
export { createHttpKind } from './steps/http/kind-http.ts'
export {
  defineStepKind,
  defineWaitKind,
  type StepKind,
  type StepResult,
  type StepTask,
} from './steps/step-kind.ts'
export { UnknownScheduleError } from './schedule/errors.ts'
export {
  backfill,
  backfillRequest,
  createdSchedule,
  delivery,
  fire,
  firesPreview,
  fireStatus,
  newSchedule,
  previewRequest,
  schedule,
  scheduleDocument,
  scheduleStatus,
  scheduleUpdate,
  triggerRequest,
} from './schedule/schema.ts'
export { scheduleSchema } from './schedule/schedule-schema.ts'
export { SCHEDULE_MIGRATIONS } from './schedule/rows-sql.ts'
export { createScheduler, type Scheduler } from './schedule/scheduler.ts'
export type { ScheduleCall } from './schedule/deps.ts'
export { createSchedules, type Schedules } from './schedule/schedules.ts'
export { createStarter } from './schedule/starter.ts'
export type { ScheduleStore } from './schedule/store.ts'
export { createSqlScheduleStore, scheduleWriter } from './schedule/store-sql.ts'
export type { FileInput, FoundFiles, InputFiles } from './input-files.ts'
export type { RunRequest, WorkflowsDeps } from './submit.ts'
export { prune, type PruneReport, startPruner } from './retention/retention.ts'
export { createSqlRetentionStore, RETENTION_MIGRATIONS } from './retention/retention-sql.ts'
export { SEALED } from './sealing.ts'
export { createWorkflows, type SignalRequest, type Workflows } from './workflows.ts'
