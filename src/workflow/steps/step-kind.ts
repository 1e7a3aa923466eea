import { z } from 'zod'

import type { EpochMs } from '../../kernel/clock.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Log } from '../../kernel/log.ts'
import type { Usage } from '../../kernel/usage.ts'
import type { Telling } from '../chunks/telling.ts'
import { createParameterCheck, type SchemaIssue } from '../definition/json-schema.ts'

import { InvalidParametersError } from './errors.ts'

/** What a running step is told and given. */
export interface StepTask {
  readonly runId: string
  readonly tenant: string
  readonly step: string
  /** Position in the list of a `forEach`; absent elsewhere. */
  readonly index?: number | undefined
  /** 1 for the first try. */
  readonly attempt: number
  /**
   * Names this effect: equal on every try, also after a crash, and different for every other effect.
   * Hand it to whatever is called, so that it acts once.
   */
  readonly idempotencyKey: string
  /**
   * The inputs of the run and what its needed steps gave, large values fetched. Sensitive inputs are
   * not shown; a step gets those that its parameters name.
   */
  view(): StateView | Promise<StateView>
  /** The inputs of the run, sensitive ones opened: what the step gives is then kept free of them. */
  openInputs?(): JsonObject | Promise<JsonObject>
  /** Makes the run's own folder, the only place file tools reach, and gives its absolute path. */
  folder(): Promise<string>
  /** Aborts on timeout, cancellation and loss of the lease. */
  readonly signal: AbortSignal
  readonly log: Log
  /** What a step that is run from the queue keeps, to go on from there when it is stopped or lost. */
  readonly checkpoint?: Checkpoint | undefined
  /** Where it can show text while it works; absent where nobody could watch. */
  readonly telling?: Telling | undefined
}

/** A place for what a long step needs to go on from where it is. */
export interface Checkpoint {
  /** What was kept last, by whichever worker; `undefined`: nothing. */
  load(): Json | undefined
  save(value: Json): Promise<void>
}

/** What a step can see of its run. */
export interface StateView {
  readonly inputs: JsonObject
  /** Outputs of the steps it needs, by name. */
  readonly steps: JsonObject
  /** The item, in a `forEach`. */
  readonly item?: Json
}

/** What a step gave. */
export interface StepResult {
  readonly output: Json
  /** What it used up; it is priced and paid when the result is committed. */
  readonly usage?: readonly Usage[]
  /** How long it waited for its turn on something shared, milliseconds; not counted as its work. */
  readonly queuedMs?: number
}

/** Why a step waits instead of working. */
export type Wait =
  | { readonly for: 'timer'; readonly delayMs: number }
  | { readonly for: 'time'; readonly dueAt: EpochMs }
  | { readonly for: 'signal'; readonly signal: string; readonly timeoutMs?: number }
  | { readonly for: 'run'; readonly workflow: JsonObject; readonly inputs: JsonObject }

/** A step whose parameters are known. */
export type PreparedStep =
  | {
      readonly kind: 'work'
      /** The most it can use up; reserved before it starts. May have to count first. */
      bound(): readonly Usage[] | Promise<readonly Usage[]>
      run(task: StepTask): Promise<StepResult>
    }
  | { readonly kind: 'wait'; readonly wait: Wait }

/** A kind of step: what `uses` names. */
export interface StepKind {
  readonly name: string
  /** One sentence for people and editors. */
  readonly summary: string
  /** JSON Schema of `with`, before expressions are evaluated. */
  readonly parameters: JsonObject
  /** What is wrong with parameters as they are written, expressions not evaluated. */
  checkParameters(parameters: JsonObject): readonly SchemaIssue[]
  /** JSON Schema of the output, as far as it is the same for all parameters. */
  readonly gives: JsonObject
  /** Whether it waits for time, a signal or another run, and does no work of its own. */
  readonly isWait: boolean
  /** Whether parameters may hold `{ $secret: NAME }`. */
  readonly takesSecrets: boolean
  /** Parameters whose expressions are not this step's and are handed on as they are. */
  readonly opaque: readonly string[]
  /** Parameters whose text says which program it is: steps alike in them take similar time. */
  readonly programBy?: readonly string[] | undefined
  /** What one run is expected to use up, from parameters whose expressions are not evaluated yet. */
  expect(parameters: JsonObject): readonly Usage[]
  /** @throws {@link InvalidParametersError} the evaluated parameters do not fit. */
  prepare(parameters: Json): PreparedStep
}

/** What {@link defineStepKind} takes. */
export interface StepKindOptions<Parameters> {
  readonly name: string
  readonly summary: string
  readonly with: z.ZodType<Parameters>
  readonly gives?: z.ZodType | JsonObject
  readonly takesSecrets?: boolean
  readonly programBy?: readonly string[]
  readonly expect?: (parameters: JsonObject) => readonly Usage[]
  readonly bound?: (parameters: Parameters) => readonly Usage[] | Promise<readonly Usage[]>
  readonly run: (parameters: Parameters, task: StepTask) => Promise<StepResult>
}

/** Makes a kind of step that does work. */
export function defineStepKind<Parameters>(options: StepKindOptions<Parameters>): StepKind {
  const { name, summary, takesSecrets = false } = options
  const parameters = toJsonSchema(options.with)
  return {
    name,
    summary,
    isWait: false,
    takesSecrets,
    opaque: [],
    programBy: options.programBy,
    parameters,
    checkParameters: createParameterCheck(parameters),
    gives: options.gives instanceof z.ZodType ? toJsonSchema(options.gives) : (options.gives ?? {}),
    expect: options.expect ?? (() => []),
    prepare(raw) {
      const parsed = parseParameters(name, options.with, raw)
      return {
        kind: 'work',
        bound: () => options.bound?.(parsed) ?? [],
        run: (task) => options.run(parsed, task),
      }
    },
  }
}

/** What {@link defineWaitKind} takes. */
export interface WaitKindOptions<Parameters> {
  readonly name: string
  readonly summary: string
  readonly with: z.ZodType<Parameters>
  readonly gives?: JsonObject
  readonly opaque?: readonly string[]
  readonly wait: (parameters: Parameters) => Wait
}

/** Makes a kind of step that waits for time, a signal or another run. */
export function defineWaitKind<Parameters>(options: WaitKindOptions<Parameters>): StepKind {
  const parameters = toJsonSchema(options.with)
  return {
    name: options.name,
    summary: options.summary,
    isWait: true,
    takesSecrets: false,
    opaque: options.opaque ?? [],
    parameters,
    checkParameters: createParameterCheck(parameters),
    gives: options.gives ?? {},
    expect: () => [],
    prepare: (raw) => ({
      kind: 'wait',
      wait: options.wait(parseParameters(options.name, options.with, raw)),
    }),
  }
}

function parseParameters<Parameters>(
  kind: string,
  schema: z.ZodType<Parameters>,
  raw: Json,
): Parameters {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  throw new InvalidParametersError(
    kind,
    parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  )
}

function toJsonSchema(schema: z.ZodType): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  void $schema
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a JSON Schema is JSON
  return rest as JsonObject
}
