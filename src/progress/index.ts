/**
 * Progress: what the events of a run tell a person who watches it.
 *
 * @module
 */
export { type Advice, adviseOnPause, adviseOnWaits, waitsForSignals } from './advice.ts'
export { applyToView } from './apply.ts'
export { hasEnded } from './change.ts'
export type { ProgressError, ProgressEvent } from './event.ts'
export type { StepGraph, StepPlan } from './graph.ts'
export { MAX_LEVELS, type TreeRow } from './layout.ts'
export { viewAt } from './timing.ts'
export type { UnitCounts } from './units.ts'
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
