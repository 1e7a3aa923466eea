import { z } from 'zod'

import type { Json, JsonObject } from '../kernel/json.ts'

import { UnknownFunctionError } from './errors.ts'
import { defineStepKind, type StepKind, type StepTask } from './steps/step-kind.ts'

/** What a step function is called with. */
export interface StepCall<Inputs, Steps> {
  readonly inputs: Inputs
  /** What the steps it needs gave. */
  readonly steps: Steps
  readonly task: Omit<StepTask, 'view'>
}

/** What a step is declared with, beside its function. */
export interface StepOptions<Known extends string> {
  /** Steps that end before this one begins; only their results are seen. */
  readonly needs?: readonly Known[]
  readonly retry?: { readonly max: number; readonly initial?: string }
  readonly timeout?: string
}

/** A workflow written in TypeScript, its types known. */
export interface WorkflowBuilder<Inputs, Steps extends Readonly<Record<string, Json>>> {
  /** Adds a step; its result must be JSON. Names are unique. */
  step<Name extends string, Output extends Json, Need extends Extract<keyof Steps, string> = never>(
    name: Name,
    options: StepOptions<Need> & {
      readonly run: (call: StepCall<Inputs, Pick<Steps, Need>>) => Promise<Output>
    },
  ): WorkflowBuilder<Inputs, Steps & Readonly<Record<Name, Output>>>
  /** Ends the definition. */
  build(): CodeWorkflow<Inputs>
}

/** A workflow whose steps are functions of this process. */
export interface CodeWorkflow<Inputs> {
  readonly name: string
  /** The document the engine runs; it is stored like any other. */
  readonly definition: JsonObject
  /** The kind of step that knows the functions; workers need it to run the workflow. */
  readonly kind: StepKind
  /** Checks inputs before a run. */
  readonly inputs: z.ZodType<Inputs>
}

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- a builder begins without steps
type NoSteps = Readonly<Record<never, never>>
type AnyRun = (call: StepCall<never, never>) => Promise<Json>

interface Declared {
  readonly options: StepOptions<string>
  readonly run: AnyRun
}

/**
 * Begins a workflow whose steps are functions.
 *
 * @remarks The functions run in the process of the worker, so every worker that is to run the
 * workflow must be given it. Steps are known by name: a function may change between two releases,
 * and runs under way go on with the new one.
 * @example
 * const flow = defineWorkflow({ name: 'greet', inputs: z.object({ who: z.string() }) })
 *   .step('hello', { run: async ({ inputs }) => `hello ${inputs.who}` })
 *   .step('shout', { needs: ['hello'], run: async ({ steps }) => steps.hello.toUpperCase() })
 *   .build()
 */
export function defineWorkflow<Inputs extends JsonObject>(head: {
  readonly name: string
  readonly description?: string
  readonly inputs: z.ZodType<Inputs>
  readonly budget?: string
  readonly concurrency?: number
}): WorkflowBuilder<Inputs, NoSteps> {
  const steps = new Map<string, Declared>()
  const { inputs, ...rest } = head
  const builder: WorkflowBuilder<Inputs, NoSteps> = {
    step(name, { run, ...options }) {
      if (steps.has(name)) throw new TypeError(`step "${name}" is defined twice`)
      steps.set(name, { options, run })
      return builder
    },
    build: () => {
      const kind = createFunctionKind(head.name, steps)
      return {
        name: head.name,
        inputs,
        kind,
        definition: toDefinition(rest, { inputs, steps, kind }),
      }
    },
  }
  return builder
}

interface DefinitionParts {
  readonly inputs: z.ZodType
  readonly steps: ReadonlyMap<string, Declared>
  readonly kind: StepKind
}

function toDefinition(head: JsonObject, { inputs, steps, kind }: DefinitionParts): JsonObject {
  const { $schema, ...schema } = z.toJSONSchema(inputs, { io: 'input' })
  void $schema
  const entries = [...steps].map(([name, { options }]) => {
    const { needs, ...rest } = options
    return [
      name,
      { uses: kind.name, with: { function: name }, ...(needs && { needs: [...needs] }), ...rest },
    ] as const
  })
  const definition: unknown = JSON.parse(
    JSON.stringify({
      apiVersion: 'prsm/v1',
      ...head,
      inputs: schema,
      steps: Object.fromEntries(entries),
    }),
  )
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed from an object
  return definition as JsonObject
}

function createFunctionKind(workflow: string, steps: ReadonlyMap<string, Declared>): StepKind {
  return defineStepKind({
    name: `function:${workflow}`,
    summary: `A function of the workflow "${workflow}", run in the worker's process.`,
    with: z.strictObject({ function: z.string() }),
    async run({ function: name }, task) {
      const step = steps.get(name)
      if (step === undefined) throw new UnknownFunctionError(workflow, name)
      const seen = task.view()
      const { inputs: shown, steps: outputs } = seen instanceof Promise ? await seen : seen
      const inputs = (await task.openInputs?.()) ?? shown
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked on submission and by the builder's types
      const call = { inputs, steps: outputs, task } as unknown as StepCall<never, never>
      return { output: await step.run(call) }
    },
  })
}
