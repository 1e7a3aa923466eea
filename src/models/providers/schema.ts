import { z } from 'zod'

import { circuitOverrides } from '../../kernel/breakers.ts'

/** Names that a configured provider may not take. */
export const RESERVED_NAMES: readonly string[] = ['builtin', 'prsm']

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/)
  .refine((value) => !RESERVED_NAMES.includes(value), { message: 'this name is reserved' })
  .describe('What stands before the colon in a model reference')

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine((value) => !/^[a-z]+:\/\/[^/]*@/i.test(value), {
    message: 'no credentials in a URL: name a key instead',
  })

/** How much a provider may be asked at once. */
export const providerLimits = z
  .strictObject({
    requestsPerMinute: z.int().min(1).max(1_000_000).optional(),
    tokensPerMinute: z.int().min(1).max(1_000_000_000).optional(),
    maxConcurrent: z.int().min(1).max(10_000).optional().describe('@defaultValue 16'),
    maxQueue: z.int().min(0).max(100_000).optional().describe('Waiting calls. @defaultValue 1000'),
  })
  .meta({ id: 'ModelProviderLimits' })

/** When a failing call is tried again, and when calls stop for a while. */
export const providerRetries = z
  .strictObject({
    maxRetries: z.int().min(0).max(10).optional().describe('@defaultValue 3'),
    initialDelayMs: z.int().min(0).max(60_000).optional().describe('@defaultValue 500'),
    maxDelayMs: z.int().min(0).max(600_000).optional().describe('@defaultValue 10000'),
    maxRetryAfterMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .optional()
      .describe('Longest Retry-After waited for; a longer one fails at once. @defaultValue 60000'),
    breaker: circuitOverrides
      .optional()
      .describe('When calls to a model stop for a while. @defaultValue the settings breaker…'),
  })
  .meta({ id: 'ModelProviderRetries' })

const common = {
  baseUrl: baseUrl.optional().describe('Where its API is, if not at its usual place'),
  keyName: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,127}$/)
    .optional()
    .describe('Name of the secret that holds the key, such as OPENAI_API_KEY'),
  models: z
    .array(z.string().min(1).max(200))
    .max(1_000)
    .optional()
    .describe('When given, no other model of this provider may be used'),
  defaultModel: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Used where nothing names a model; the first provider that is ready decides'),
  contextTokens: z
    .int()
    .min(256)
    .max(100_000_000)
    .optional()
    .describe('Window of the models; a prompt that cannot fit is refused before the call'),
  maxOutputTokens: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe(
      'Sent when the request names none. @defaultValue 8192, compatible servers 2048, and no more than a quarter of `contextTokens`',
    ),
  timeoutMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .optional()
    .describe('For a call with all its tries. @defaultValue 300000'),
  tryTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .optional()
    .describe('For one try, or between two parts of a stream. @defaultValue 120000'),
  limits: providerLimits.optional(),
  retries: providerRetries.optional(),
}

/** One source of language models. */
export const providerConfig = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('openai'),
      name: name.default('openai'),
      api: z.enum(['responses', 'chat']).optional().describe('@defaultValue responses'),
      ...common,
    }),
    z.strictObject({ kind: z.literal('anthropic'), name: name.default('anthropic'), ...common }),
    z.strictObject({ kind: z.literal('google'), name: name.default('google'), ...common }),
    z.strictObject({
      kind: z.literal('openai-compatible'),
      name,
      ...common,
      baseUrl: baseUrl.describe('Such as http://127.0.0.1:11434/v1 for Ollama'),
      hasSchemaOutput: z
        .boolean()
        .optional()
        .describe('The server obeys response_format json_schema. @defaultValue true'),
    }),
  ])
  .meta({ id: 'ModelProviderConfig' })

export type ProviderConfig = z.output<typeof providerConfig>
export type ProviderConfigInput = z.input<typeof providerConfig>
export type ProviderKind = ProviderConfig['kind']
export type ProviderLimits = z.output<typeof providerLimits>
export type ProviderRetries = z.output<typeof providerRetries>
