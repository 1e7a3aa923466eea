import type { Json, JsonObject } from '../../kernel/json.ts'
import type { MicroFtns } from '../../kernel/money.ts'
import type { Template } from '../expressions/template.ts'
import type { Vector } from '../queue/amounts.ts'
import type { Priority, RunWindow } from '../queue/schema.ts'
import type { RollbackPolicy } from '../rollback/policy.ts'
import type { StepKind } from '../steps/step-kind.ts'

import type { PlacedGraph } from './graph.ts'
import type { InputCheck } from './json-schema.ts'
import type { Definition } from './schema.ts'
import type { SensitiveInputs } from './sensitive.ts'

/** When a failed try is repeated. */
export interface RetryPlan {
  /** Tries after the first one. */
  readonly max: number
  readonly initialMs: number
  readonly factor: number
  readonly maxDelayMs: number
  /** Codes or their prefixes; `undefined`: those whose cause may pass by itself. */
  readonly on: readonly string[] | undefined
}

/** What happens to the run when a step has failed for good. */
export type ErrorPlan =
  | { readonly kind: 'fail' }
  | { readonly kind: 'continue'; readonly output: Template }

/** A step ready to be run. */
export interface CompiledStep {
  readonly name: string
  readonly kind: StepKind
  /** Direct needs, those of expressions included. */
  readonly needs: readonly string[]
  readonly dependents: readonly string[]
  /** Its index in the order of the workflow. */
  readonly place: number
  /** Longest way to an end of the graph; higher is more urgent. */
  readonly rank: number
  /** Which program it runs: how long others of the same program took says how long it will take. */
  readonly program: string
  /** How long it takes, as its definition states; `undefined`: that is to be learnt. */
  readonly statedMs: number | undefined
  readonly parameters: Template
  readonly when: Template | undefined
  /** The patch with which the step came: runs begun before it do not see the step. */
  readonly since: string | undefined
  /** The patch with which the step went: only runs begun before it see the step. */
  readonly until: string | undefined
  readonly forEach: FanOut | undefined
  readonly repeat: Loop | undefined
  readonly retry: RetryPlan
  readonly timeoutMs: number | undefined
  readonly onError: ErrorPlan
  readonly compensate: Compensation | undefined
  readonly cleanup: Cleanup | undefined
  readonly isPivot: boolean
  readonly rollback: RollbackPolicy | undefined
  readonly output: Template | undefined
  /** What its worker must have; `undefined`: it runs wherever its run does. */
  readonly placement: StepPlacement | undefined
  /** `with` and `resources` as written, for quotes. */
  readonly raw: {
    readonly with: JsonObject
    readonly tokens: number | undefined
    readonly cores: number | undefined
  }
}

/** What a step asks of the worker that runs it. */
export interface StepPlacement {
  readonly labels: readonly string[]
  readonly needs: Vector
  readonly isPreemptible: boolean
  readonly expectedMs: number | undefined
}

/** How a step is run once per item. */
export interface FanOut {
  readonly items: Template
  /** Items at once; the run's own limit holds as well. */
  readonly maxConcurrency: number | undefined
  readonly expect: Template | undefined
}

/** How a step is repeated until it is done. */
export interface Loop {
  readonly until: Template
  readonly max: number
  readonly delayMs: number
}

/** How a step is undone. */
export interface Compensation {
  readonly kind: StepKind
  readonly parameters: Template
  readonly timeoutMs: number | undefined
  readonly retry: RetryPlan
  /** `with` as written, for budgets. */
  readonly raw: JsonObject
}

/** How what a step leaves behind is removed. */
export interface Cleanup extends Compensation {
  /** How long after the end of the step at the latest; `undefined`: when the run ends. */
  readonly afterMs: number | undefined
}

/** What is known, before any run, of how long steps take; by their places in the order. */
export interface StatedDurations {
  /** Programs that steps run, each once. */
  readonly programs: readonly string[]
  /** Index of each step's program. */
  readonly programAt: Int32Array
  /** Milliseconds that its definition states; `NaN`: that is to be learnt. */
  readonly statedMs: Float64Array
  /** Steps that are run once for each item. */
  readonly fanOuts: readonly CompiledStep[]
}

/** A checked definition with everything resolved. */
export interface CompiledWorkflow {
  /** Content hash of the definition. */
  readonly hash: string
  readonly definition: Definition
  readonly name: string
  /** Each step after what it needs. */
  readonly order: readonly string[]
  readonly steps: ReadonlyMap<string, CompiledStep>
  readonly graph: PlacedGraph
  readonly durations: StatedDurations
  readonly concurrency: number
  /** Whether the order of its steps may depend on how long they take, and not all of it is stated. */
  readonly isOrderLearnt: boolean
  readonly timeoutMs: number | undefined
  readonly isFailFast: boolean
  readonly budget: MicroFtns | undefined
  readonly output: Template | undefined
  readonly queue: QueuePlan
  readonly rollback: RollbackPolicy | undefined
  /** Whether any step leaves something to be removed. */
  readonly hasCleanup: boolean
  /** Which inputs are kept sealed; `undefined`: none. */
  readonly isSensitive: SensitiveInputs | undefined
  /** Fills in defaults and checks what a run is started with. */
  checkInputs(inputs: JsonObject): InputCheck
}

/** When a run may begin, and how urgent it is, as far as the definition says. */
export interface QueuePlan {
  readonly priority: Priority | undefined
  readonly team: string | undefined
  readonly deadlineMs: number | undefined
  readonly window: RunWindow | undefined
  readonly key: Template | undefined
  readonly limit: number
  readonly maxCost: MicroFtns | undefined
}

/** What a step is known by in expressions: `$steps.NAME`. */
export interface StepView {
  readonly status: string
  readonly output: Json
  readonly error?: Json
}
