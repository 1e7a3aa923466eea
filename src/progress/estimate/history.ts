/** How long something took in one finished run, ms: once, or once per item. */
export type Durations = readonly number[]

/** What earlier runs tell of how long steps take. */
export interface DurationHistory {
  /** Of a step of a workflow: one list per finished run, the latest run first. */
  ofStep(workflow: string, step: string): readonly Durations[]
  /** Of steps of a kind, whatever their workflow: one typical duration per step and run. */
  ofKind(uses: string): Durations
  /** How many items the lists of the step had, the latest run first. */
  itemsOf(workflow: string, step: string): readonly number[]
}

/** The history of somebody who has seen nothing. */
export const NO_HISTORY: DurationHistory = {
  ofStep: () => [],
  ofKind: () => [],
  itemsOf: () => [],
}
