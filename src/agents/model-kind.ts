import { z } from 'zod'

import type { JsonObject } from '../kernel/json.ts'
import type { Usage } from '../kernel/usage.ts'
import { type GenerateRequest, type Models, TASK_NAMES } from '../models/index.ts'
import { defineStepKind, type StepKind } from '../workflow/index.ts'

import { usageOf } from './agent-loop.ts'

/** Tokens a call is expected to read and write when its definition does not say. */
const EXPECTED = { inputTokens: 3_000, outputTokens: 800 }

const jsonObject = z.record(z.string(), z.json())

/** What every step that calls a model may say. */
export const modelSettings = {
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      '`provider:model` or `builtin`; the default of the workflow or of the installation if absent',
    ),
  instructions: z.string().max(200_000).optional().describe('What the model is told beforehand'),
  maxOutputTokens: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Longest answer; this much is reserved'),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe('How much answers vary; the default of the provider if absent'),
  seed: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .optional()
    .describe('For answers that can be had again, where the provider knows how'),
}

const parameters = z
  .strictObject({
    ...modelSettings,
    prompt: z.string().min(1).max(4_000_000).optional().describe('What the model is asked'),
    output: jsonObject
      .optional()
      .describe('JSON Schema of the answer; without it the answer is text'),
    task: z
      .enum(TASK_NAMES)
      .optional()
      .describe('A task that every model can do, also the offline one'),
    input: jsonObject.optional().describe('What the task works on'),
  })
  .refine(
    ({ prompt, task }) => (prompt === undefined) !== (task === undefined),
    'give either "prompt" or "task"',
  )

/** A request for the models service. */
export function toRequest(given: z.output<typeof parameters>): GenerateRequest {
  const {
    model,
    instructions,
    maxOutputTokens,
    temperature,
    seed,
    prompt,
    output,
    task,
    input = {},
  } = given
  return {
    ...(model !== undefined && { model }),
    ...(instructions !== undefined && { instructions }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(seed !== undefined && { seed }),
    messages:
      prompt === undefined ? [] : [{ role: 'user', content: [{ kind: 'text', text: prompt }] }],
    ...(output !== undefined && { output: { name: 'answer', schema: output } }),
    ...(task !== undefined && { task: { name: task, input } }),
  }
}

/** What a request may use up at most. */
export async function boundOf(models: Models, request: GenerateRequest): Promise<Usage> {
  const { inputTokens, maxOutputTokens } = await models.estimate(request)
  const model = models.resolve(request.model)
  return { resource: 'model_inference_tokens', model, inputTokens, outputTokens: maxOutputTokens }
}

/** What a step that names a model, or none, is expected to use up. */
export function expectedUsage(models: Models, { model }: JsonObject): Usage {
  const named = typeof model === 'string' && !model.includes('{%') ? model : undefined
  return { resource: 'model_inference_tokens', model: models.resolve(named), ...EXPECTED }
}

/** `model`: one question or task to a language model. */
export function createModelKind(models: Models): StepKind {
  return defineStepKind({
    name: 'model',
    summary: 'Asks a language model a "prompt", or gives it a "task" that every model can do.',
    with: parameters,
    programBy: ['model', 'task', 'prompt'],
    expect: (raw) => [expectedUsage(models, raw)],
    bound: async (given) => [await boundOf(models, toRequest(given))],
    async run(given, task) {
      const generation = await models.generate(toRequest(given), {
        signal: task.signal,
        idempotencyKey: task.idempotencyKey,
        listener: task.telling,
      })
      const { output, text, dropped = 0, model, queuedMs, warnings } = generation
      for (const warning of warnings) task.log.warn('models.warning', { warning })
      if (dropped > 0) task.log.info('models.dropped', { model, dropped })
      return { output: output ?? text, usage: [usageOf(generation)], queuedMs }
    },
  })
}
