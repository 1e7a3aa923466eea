import type { Job } from './schedule.ts'

/** Where a unit of work is. */
export type UnitProgress =
  | { readonly kind: 'done'; readonly ms: number }
  | { readonly kind: 'running'; readonly forMs: number }
  /** It ends at a known time. */
  | { readonly kind: 'due'; readonly inMs: number }
  | { readonly kind: 'ahead' }

/** One unit of work of a run, done or to be done. */
export interface PlannedUnit {
  readonly step: string
  /** The kind of step. */
  readonly uses: string
  /** What the definition says it takes, ms. */
  readonly statedMs?: number | undefined
  /** Places of units and joins that must be reached first. */
  readonly needs: readonly number[]
  readonly takesSlot: boolean
  readonly group?: Job['group']
  readonly phase: UnitProgress
  /** Whether others of its kind tell nothing of it: somebody's answer, another run. */
  readonly isOpenEnded?: boolean
}

/** A run at one moment. */
export interface Outlook {
  /** Name of the workflow. */
  readonly workflow: string
  /** Units at once. */
  readonly slots: number
  readonly units: readonly PlannedUnit[]
  /** Places behind those of the units: reached when what each waits for has ended. */
  readonly joins?: readonly (readonly number[])[]
}
