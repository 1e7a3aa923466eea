import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { Findings } from '../findings.ts'
import type { ResourceMapping } from '../schema.ts'

import type { StateScope } from './expressions.ts'

/** Where a machine stands, and what its states may read. */
export interface MachineContext {
  readonly path: string
  readonly findings: Findings
  readonly resources: Readonly<Record<string, ResourceMapping>>
  /** JSONata text of what the machine is started with. */
  readonly input: string
  readonly variables: ReadonlyMap<string, string>
  readonly isInMap: boolean
  readonly language: string
}

/** A way into a state. */
export interface Edge {
  /** JSONata text that holds when this way is taken. */
  readonly condition: string
  /** JSONata text of what comes this way. */
  readonly output: string
  /** Whether it is taken in every run. */
  readonly isSure: boolean
}

/** What the conversion of one state works with. */
export interface StateContext extends MachineContext {
  readonly name: string
  readonly step: string
  readonly stepOf: (state: string) => string
  readonly scope: StateScope
  readonly isSure: boolean
  /** Leads on to a state; a way that leads back is left out. */
  readonly leadTo: (state: string, edge: Edge) => void
  /** Ends the machine. */
  readonly end: (edge: Edge) => void
  readonly assign: (variable: string, source: string) => void
  /** Converts a machine within the state. */
  readonly convertMachine: (machine: JsonObject, context: MachineContext) => ConvertedMachine
}

/** The steps of a machine, and what it gives. */
export interface ConvertedMachine {
  readonly steps: JsonObject
  readonly output: Json
}

/** What a state does, and what its result is. */
export interface Work {
  readonly step: JsonObject
  /** JSONata text over `$output`. */
  readonly result: string
}
