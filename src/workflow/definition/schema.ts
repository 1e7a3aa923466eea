import { z } from 'zod'

import type { Json } from '../../kernel/json.ts'
import { label, priority, runWindow, team } from '../queue/schema.ts'
import { failureKind, rollbackStrategy } from '../rollback/schema.ts'

/** The form of step names: they are written `$steps.name` in expressions, so they are identifiers. */
export const STEP_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

const json: z.ZodType<Json> = z.json()

/** A length of time as people write it. */
export const duration = z
  .string()
  .regex(/^(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+$/)
  .max(40)
  .meta({ id: 'Duration', description: 'A number and a unit: `500ms`, `30s`, `1h30m`, `2d`' })

const expression = z
  .string()
  .regex(/^\s*\{%[\s\S]*%\}\s*$/)
  .max(20_000)
  .meta({
    id: 'Expression',
    description:
      'JSONata between `{%` and `%}`. Variables: $inputs, $steps.NAME.output, $item and $index in forEach, $run.',
  })

const retry = z
  .strictObject({
    max: z.int().min(0).max(100).describe('Tries after the first one'),
    initial: duration.optional().describe('Longest wait before the first retry; 1s by default'),
    factor: z.number().min(1).max(10).optional().describe('Growth of the wait; 2 by default'),
    maxDelay: duration.optional().describe('Longest wait before any retry; 1m by default'),
    on: z
      .array(z.string().min(1).max(100))
      .max(50)
      .optional()
      .describe('Error codes, or their prefixes, that are retried; by default those that may pass'),
  })
  .meta({
    id: 'Retry',
    description: 'How often a failed step is tried again. Waits have full jitter.',
  })

const forEach = z
  .union([
    expression,
    z.array(json).max(100_000),
    z.strictObject({
      items: z.union([expression, z.array(json).max(100_000)]).describe('The list'),
      maxConcurrency: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .describe('Items at once; the `concurrency` of the run holds as well'),
      expect: z
        .union([z.int().min(0), expression])
        .optional()
        .describe('How many items a quote assumes; $inputs is known. 10 by default'),
    }),
  ])
  .meta({ id: 'ForEach', description: 'Runs the step once per item, items side by side' })

const repeat = z
  .strictObject({
    until: expression.describe('Ends the loop when true; $output is what the last pass gave'),
    max: z.int().min(1).max(1_000).describe('Passes at most; the step fails when none is enough'),
    delay: duration.optional().describe('Wait between two passes'),
  })
  .meta({ id: 'Repeat', description: 'Runs the step again until a condition holds' })

const resources = z
  .strictObject({
    model_inference_tokens: z
      .int()
      .min(0)
      .optional()
      .describe('Tokens that its model reads and writes, together'),
    cpu_cores: z.number().min(0).max(1_024).optional().describe('Cores of its worker'),
    memory_gb: z.number().min(0).max(65_536).optional().describe('Memory of its worker'),
    gpu_units: z
      .number()
      .min(0)
      .max(1_024)
      .optional()
      .describe('GPUs of its worker, or parts of one'),
    storage_gb: z.number().min(0).max(1e6).optional().describe('Disk of its worker'),
    network_mbps: z.number().min(0).max(1e6).optional().describe('Bandwidth of its worker'),
    ftns_credits: z
      .number()
      .min(0)
      .max(1e9)
      .optional()
      .describe('FTNS it may use up, as limits of credit at work count it'),
    seconds: z
      .number()
      .min(0)
      .max(31_536_000)
      .optional()
      .describe('How long it is expected to take; the longest way to the end goes first'),
  })
  .meta({
    id: 'Resources',
    description:
      'What this step needs. With cores, memory, GPUs, disk or bandwidth it waits in the queue for a worker that has them all',
  })

const parameters = z.record(z.string(), json)

const compensate = z
  .strictObject({
    uses: z.string().min(1).max(64).describe('The kind of step that undoes'),
    with: parameters.optional().describe('Its parameters; $output is what the step gave'),
    timeout: duration.optional().describe('Of one try'),
    retry: retry.optional(),
  })
  .meta({
    id: 'Compensate',
    description: 'Undoes the step when the run fails or is cancelled later',
  })

const cleanup = z
  .strictObject({
    uses: z.string().min(1).max(64).describe('The kind of step that removes'),
    with: parameters.optional().describe('Its parameters; $output is what the step gave, or null'),
    after: duration
      .optional()
      .describe('Removed this long after the step ended, if the run has not ended by then'),
    timeout: duration.optional().describe('Of one try'),
    retry: retry.optional(),
  })
  .meta({
    id: 'Cleanup',
    description: 'Removes what the step leaves behind, once, when the run ends however it ends',
  })

const rollback = z
  .union([
    rollbackStrategy,
    z.strictObject({
      strategy: rollbackStrategy.optional().describe('For every kind of failure'),
      on: z
        .partialRecord(failureKind, rollbackStrategy)
        .optional()
        .describe('For single kinds of failure'),
      retries: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe('How often `retry_failed_step` begins the step again; 1 by default'),
      otherwise: rollbackStrategy
        .optional()
        .describe('What follows when these are used up; `full_rollback` by default'),
    }),
  ])
  .meta({
    id: 'Rollback',
    description: 'What happens when a step has failed for good, its own `retry` included',
  })
const patch = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)

const onError = z
  .union([
    z.enum(['fail', 'continue']),
    z.strictObject({ output: json.describe('Stands for what the step would have given') }),
  ])
  .meta({
    id: 'OnError',
    description: '`fail` the run, `continue` with a null output, or go on with another `output`',
  })

/** One step of a workflow. */
export const step = z
  .strictObject({
    uses: z.string().min(1).max(64).describe('The kind of step'),
    description: z.string().max(2_000).optional().describe('For people'),
    needs: z
      .union([z.string().max(64), z.array(z.string().max(64)).max(10_000)])
      .optional()
      .describe('Steps that must end first; steps named in expressions are needed anyway'),
    with: parameters.optional().describe('Parameters of this kind of step'),
    when: expression.optional().describe('The step is skipped when false'),
    since: patch
      .optional()
      .describe('Names a change: runs begun before it, and upgraded, do not see the step'),
    until: patch
      .optional()
      .describe('Names a change: only runs begun before it, and upgraded, see the step'),
    forEach: forEach.optional(),
    repeat: repeat.optional(),
    retry: retry.optional(),
    timeout: duration.optional().describe('Of one try'),
    compensate: compensate.optional(),
    pivot: z
      .boolean()
      .optional()
      .describe('Once it has completed there is no going back: it and what it needs stay'),
    cleanup: cleanup.optional(),
    rollback: rollback.optional(),
    onError: onError.optional(),
    resources: resources.optional(),
    runsOn: z
      .array(label)
      .max(20)
      .optional()
      .describe('Labels its worker must have; it waits in the queue for one'),
    preemptible: z
      .boolean()
      .optional()
      .describe('Whether it may be stopped for something more urgent, and go on later'),
    output: json.optional().describe('Reshapes what the step gives; $output is what it gave'),
  })
  .meta({ id: 'Step' })

/** When a run may begin, and how urgent it is, as people write it. */
export const queueOptions = z
  .strictObject({
    priority: priority.optional(),
    team: team.optional().describe('Whose share of the pool it uses, within the tenant'),
    deadline: duration.optional().describe('From its submission; then it is stopped'),
    window: runWindow.optional(),
    key: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe('Of all runs with this key only `limit` go on at once; may name $inputs'),
    limit: z.int().min(1).max(10_000).optional().describe('1 by default'),
    maxCost: z
      .string()
      .max(40)
      .optional()
      .describe('A run that is expected to cost more is refused, such as `2.5 FTNS`'),
  })
  .meta({ id: 'QueueOptions', description: 'When a run may begin, and how urgent it is' })

/** Everything of a definition except its steps, which are checked one by one. */
export const definitionHead = z.strictObject({
  apiVersion: z.literal('prsm/v1').describe('The language this is written in'),
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
    .describe('Lower-case letters, digits and dashes'),
  description: z.string().max(10_000).optional().describe('For people'),
  inputs: z
    .record(z.string(), json)
    .optional()
    .describe('JSON Schema (2020-12) of an object: what the workflow is started with'),
  secrets: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/))
    .max(100)
    .optional()
    .describe('Names of the secrets that its steps may use; values are never in a definition'),
  model: z.string().min(1).max(200).optional().describe('Model of the steps that name none'),
  budget: z.string().max(40).optional().describe('Most a run may cost, such as `2.5 FTNS`'),
  concurrency: z.int().min(1).max(10_000).optional().describe('Steps at once; 16 by default'),
  timeout: duration.optional().describe('Of the whole run'),
  failFast: z
    .boolean()
    .optional()
    .describe(
      'After a failure no new step is started (true, the default), or only dependents are skipped',
    ),
  retry: retry.optional().describe('Of the steps that have none'),
  queue: queueOptions.optional(),
  rollback: rollback.optional().describe('For the steps that say nothing else'),
  output: json.optional().describe('What the run gives; by default the outputs of its last steps'),
})

/** A workflow: a graph of steps. */
export const definition = definitionHead
  .extend({
    steps: z
      .record(z.string().regex(STEP_NAME), step)
      .refine((steps) => Object.keys(steps).length > 0, 'a workflow has at least one step')
      .describe('By name; they run as soon as what they need has ended'),
  })
  .meta({ id: 'Definition', title: 'PRSM workflow', description: 'A graph of steps, prsm/v1' })

export type Definition = z.output<typeof definition>
export type DefinitionHead = z.output<typeof definitionHead>
export type Step = z.output<typeof step>
export type QueueOptions = z.output<typeof queueOptions>
export type RetryDefinition = z.output<typeof retry>
export type RollbackDefinition = z.output<typeof rollback>

/** A fault in a definition, with its place. */
export const problem = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    file: z.string().optional(),
    path: z.string().describe('Where in the document: `steps.read.with.path`'),
    line: z.int().min(1).optional(),
    column: z.int().min(1).optional(),
  })
  .meta({ id: 'Problem' })

export type Problem = z.output<typeof problem>
