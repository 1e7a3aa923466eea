import { z } from 'zod'

import type { Json } from '../kernel/json.ts'

import { taskCall } from './tasks/schema.ts'

const MAX_TEXT = 4_000_000

/** Any JSON value that crosses this border. */
export const jsonValue: z.ZodType<Json> = z.json()

/** A JSON object that crosses this border, such as a JSON Schema. */
export const jsonObject = z.record(z.string().max(256), jsonValue)

const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const textPart = z.strictObject({ kind: z.literal('text'), text: z.string().max(MAX_TEXT) })
const providerData = jsonObject
  .optional()
  .describe('Opaque data of the provider; send it back unchanged with the part it came with')

/** A request of the model that a tool be run. */
export const toolCallPart = z
  .strictObject({
    kind: z.literal('tool-call'),
    id: z.string().min(1).max(256),
    name: z.string().min(1).max(256),
    input: jsonValue,
    invalidInput: z
      .string()
      .max(MAX_TEXT)
      .optional()
      .describe('What the model wrote instead of JSON; `input` is then {}'),
    providerData,
  })
  .meta({ id: 'ModelToolCall' })

const reasoningPart = z.strictObject({
  kind: z.literal('reasoning'),
  text: z.string().max(MAX_TEXT),
  providerData,
})

const toolResultPart = z.strictObject({
  kind: z.literal('tool-result'),
  id: z.string().min(1).max(256),
  name: z.string().min(1).max(256),
  output: jsonValue,
  isError: z.boolean().optional(),
})

/** One turn of a conversation. */
export const message = z
  .discriminatedUnion('role', [
    z.strictObject({ role: z.literal('user'), content: z.array(textPart).min(1).max(1_000) }),
    z.strictObject({
      role: z.literal('assistant'),
      content: z
        .array(z.discriminatedUnion('kind', [textPart, reasoningPart, toolCallPart]))
        .max(1_000),
    }),
    z.strictObject({ role: z.literal('tool'), content: z.array(toolResultPart).min(1).max(1_000) }),
  ])
  .meta({ id: 'ModelMessage' })

/** A tool that the model may ask for; PRSM's agent loop runs it, never the model. */
export const toolDefinition = z
  .strictObject({
    name: toolName,
    description: z.string().max(10_000),
    inputSchema: jsonObject.describe('JSON Schema of the input'),
  })
  .meta({ id: 'ModelTool' })

/** The contract of a structured answer. */
export const outputContract = z
  .strictObject({ name: toolName, schema: jsonObject.describe('JSON Schema of the answer') })
  .meta({ id: 'ModelOutputContract' })

/** What a caller asks of a language model. */
export const generateRequest = z
  .strictObject({
    model: z.string().min(1).max(200).optional().describe('provider:model, or "builtin"'),
    instructions: z.string().max(MAX_TEXT).optional(),
    messages: z
      .array(message)
      .max(10_000)
      .readonly()
      .describe('With `task` they continue the task’s own prompt and may be empty'),
    tools: z.array(toolDefinition).max(128).readonly().optional(),
    toolChoice: z
      .union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: toolName })])
      .optional(),
    output: outputContract.optional(),
    maxOutputTokens: z.int().min(1).max(1_000_000).optional(),
    temperature: z.number().min(0).max(2).optional(),
    seed: z.int().min(0).max(2_147_483_647).optional(),
    stop: z.array(z.string().min(1).max(200)).max(8).readonly().optional(),
    timeoutMs: z.int().min(1).max(86_400_000).optional().describe('For all tries together'),
    task: taskCall.optional(),
  })
  .refine(({ task, output }) => task === undefined || output === undefined, {
    message: 'a task has its own output: leave `output` out',
  })
  .refine(({ task, messages }) => task !== undefined || messages.length > 0, {
    message: 'messages are empty and there is no task',
  })
  .meta({ id: 'ModelRequest' })

/** Tokens of a call, all its turns together. */
export const usage = z
  .strictObject({
    inputTokens: z.int().nonnegative(),
    outputTokens: z.int().nonnegative(),
    cachedInputTokens: z.int().nonnegative(),
    reasoningTokens: z.int().nonnegative(),
    isEstimated: z.boolean().describe('The provider did not report it; PRSM counted'),
  })
  .meta({ id: 'ModelUsage' })

/** Why a model stopped. A content filter and a provider's error are thrown instead. */
export const FINISH_REASONS = ['stop', 'length', 'tool-calls', 'other'] as const

/** A finished answer. */
export const generation = z
  .strictObject({
    text: z.string(),
    reasoning: z.string().optional(),
    output: jsonValue.optional().describe('The validated value, when the request had a contract'),
    dropped: z.int().nonnegative().optional().describe('Tasks: quotes left out as not verbatim'),
    toolCalls: z.array(toolCallPart),
    message: message.describe('The assistant turn to append to the conversation'),
    finishReason: z.enum(FINISH_REASONS),
    usage,
    model: z.string(),
    provider: z.string(),
    servedModel: z.string().optional().describe('The model the provider says it used'),
    latencyMs: z.number().nonnegative(),
    queuedMs: z.number().nonnegative().describe('Part of it that was spent waiting for a turn'),
    attempts: z.int().positive().describe('HTTP tries, repair turns included'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'ModelGeneration' })

const offset = z.int().nonnegative().describe('Position in this stream, counted from 0')

/** One piece of an answer as it is made. The last part is always `finish`. */
export const streamPart = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), offset, delta: z.string() }),
    z.strictObject({ kind: z.literal('reasoning'), offset, delta: z.string() }),
    z.strictObject({ kind: z.literal('tool-call'), offset, call: toolCallPart }),
    z.strictObject({ kind: z.literal('usage'), offset, usage }),
    z
      .strictObject({ kind: z.literal('restart'), offset, reason: z.string() })
      .describe('What came before broke the output contract; a repaired answer follows'),
    z.strictObject({ kind: z.literal('finish'), offset, generation }),
  ])
  .meta({ id: 'ModelStreamPart' })

export type ToolCall = z.output<typeof toolCallPart>
export type Message = z.output<typeof message>
export type ToolDefinition = z.output<typeof toolDefinition>
export type OutputContract = z.output<typeof outputContract>
export type GenerateRequest = z.output<typeof generateRequest>
export type Usage = z.output<typeof usage>
export type FinishReason = (typeof FINISH_REASONS)[number]
export type Generation = z.output<typeof generation>
export type StreamPart = z.output<typeof streamPart>
