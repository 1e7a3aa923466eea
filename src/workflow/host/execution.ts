import type { CompiledStep } from '../definition/compiled.ts'
import type { UnitRef } from '../machine/events.ts'
import type { StepResult, StepTask } from '../steps/step-kind.ts'

import type { Stop } from './stop.ts'

/** A unit about to be run. */
export interface Execution {
  readonly ref: UnitRef
  readonly step: CompiledStep
  readonly attempt: number
  readonly pass: number
  /** Most it may cost, µFTNS. */
  readonly bound: bigint
  readonly tenant: string
  /** Values to be kept out of results and errors. */
  readonly secrets: readonly string[]
  readonly timeoutMs: number | undefined
  readonly stop: Stop
  /** Whether the unit is done or undone, or what it left is removed. */
  readonly purpose: 'do' | 'undo' | 'clean'
  /**
   * Whether another process may record how it ends: what it has told is then written before, instead of
   * handed in before. @defaultValue false
   */
  readonly endsElsewhere?: boolean
  run(task: StepTask): Promise<StepResult>
}
