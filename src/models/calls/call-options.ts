import {
  isJSONObject,
  type JSONObject,
  type JSONSchema7,
  type LanguageModelV3CallOptions,
  type LanguageModelV3FunctionTool,
  type LanguageModelV3ToolChoice,
  type SharedV3ProviderOptions,
} from '@ai-sdk/provider'

import type { JsonObject } from '../../kernel/json.ts'
import { assertNever } from '../../kernel/result.ts'
import { defined } from '../defined.ts'
import type { ProviderConfig } from '../providers/schema.ts'
import type { GenerateRequest } from '../schema.ts'
import type { TaskCall } from '../tasks/schema.ts'

import { toPrompt } from './prompt.ts'
import { isStrictSchema } from './strict-schema.ts'

/** Everything of a call but its messages' owner: the provider it goes to. */
export interface CallTarget {
  readonly kind: ProviderConfig['kind'] | 'builtin'
  /** Whether the provider takes a JSON Schema for its answers; else the prompt carries it. */
  readonly hasSchemaOutput: boolean
  readonly maxOutputTokens: number
}

/** The request in the terms of the provider interface, all but its signal. */
export function toCallOptions(
  request: GenerateRequest,
  target: CallTarget,
  idempotencyKey: string,
): LanguageModelV3CallOptions {
  const { output } = request
  const schema = output === undefined ? undefined : toSchema(output.schema)
  const isNative = schema !== undefined && target.hasSchemaOutput
  return {
    prompt: toPrompt({
      ...request,
      instructions: isNative ? request.instructions : withContract(request),
    }),
    maxOutputTokens: request.maxOutputTokens ?? target.maxOutputTokens,
    headers: { 'idempotency-key': idempotencyKey },
    providerOptions: toProviderOptions(request, target),
    ...defined({
      temperature: request.temperature,
      seed: request.seed,
      stopSequences: request.stop === undefined ? undefined : [...request.stop],
      tools: request.tools === undefined ? undefined : request.tools.map(toTool),
      toolChoice: toToolChoice(request.toolChoice),
      responseFormat:
        isNative && output !== undefined
          ? ({ type: 'json', schema, name: output.name } as const)
          : undefined,
    }),
  }
}

/** Instructions that carry the output contract for providers that take no schema. */
function withContract({ instructions, output }: GenerateRequest): string | undefined {
  if (output === undefined) return instructions
  const contract = `Answer with one JSON value and nothing else. It must satisfy this JSON Schema:\n${JSON.stringify(output.schema)}`
  return instructions === undefined ? contract : `${instructions}\n\n${contract}`
}

function toProviderOptions(
  { output, task }: GenerateRequest,
  { kind }: CallTarget,
): SharedV3ProviderOptions {
  const strict = output === undefined ? {} : { strictJsonSchema: isStrictSchema(output.schema) }
  switch (kind) {
    case 'openai':
      // PRSM keeps its own journal; nothing is to be stored at the provider.
      return { openai: { store: false, ...strict } }
    case 'openai-compatible':
      return { openaiCompatible: strict }
    case 'builtin':
      return task === undefined ? {} : { prsm: { task: toTaskOption(task) } }
    case 'anthropic':
    case 'google':
      return {}
    default:
      return assertNever(kind)
  }
}

function toTaskOption({ name, input }: TaskCall): JSONObject {
  return isJSONObject(input) ? { name, input } : { name }
}

function toTool(tool: NonNullable<GenerateRequest['tools']>[number]): LanguageModelV3FunctionTool {
  const { name, description, inputSchema } = tool
  return { type: 'function', name, description, inputSchema: toSchema(inputSchema) }
}

function toToolChoice(
  choice: GenerateRequest['toolChoice'],
): LanguageModelV3ToolChoice | undefined {
  if (choice === undefined) return undefined
  return typeof choice === 'string' ? { type: choice } : { type: 'tool', toolName: choice.name }
}

/** Our schemas are checked when they are compiled; the interface's type only wants it said. */
function toSchema(schema: JsonObject): JSONSchema7 {
  const copy: JSONSchema7 = JSON.parse(JSON.stringify(schema))
  return copy
}
