/**
 * Progress: what the events of a run tell a person who watches it.
 *
 * @module
 */
export { type Advice, adviseOnPause, adviseOnWaits, waitsForSignals } from './advice.ts'
export { applyToView } from './apply.ts'
export { hasEnded } from './change.ts'
export { UnknownAlertError, UnknownSlaError } from './errors.ts'
export type { ProgressError, ProgressEvent } from './event.ts'
export type { StepGraph, StepPlan } from './graph.ts'
export { MAX_LEVELS, type TreeRow } from './layout.ts'
export { createProgress, type Progress, type ProgressDeps, type StatsRequest } from './progress.ts'
export {
  alert,
  type Alert,
  bottlenecks,
  metrics,
  newSla,
  runProgress,
  sla,
  slaReport,
  stats,
  timeline,
  traceFormat,
} from './schema.ts'
export { stepState, workflowState } from './states.ts'
export { createSqlProgressStore, PROGRESS_MIGRATIONS } from './store/store-sql.ts'
export type { AlertMark, AlertRange, ProgressStore } from './store/store.ts'
export { viewAt } from './timing.ts'
export type { UnitCounts } from './units.ts'
export { watchPromises, type WatcherDeps } from './watcher.ts'
export {
  createRunView,
  type ItemCounts,
  type PauseView,
  type ProgressStatus,
  type RunView,
  type StepStatus,
  type StepView,
  type StepWait,
} from './view.ts'
