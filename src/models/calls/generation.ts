import type {
  LanguageModelV3Content,
  LanguageModelV3GenerateResult,
  LanguageModelV3Usage,
  SharedV3Warning,
} from '@ai-sdk/provider'

import type { Json } from '../../kernel/json.ts'
import { assertNever } from '../../kernel/result.ts'
import { defined } from '../defined.ts'
import { ContextOverflowError, ProviderFailedError, RefusedError } from '../errors.ts'
import type { FinishReason, Generation, Message, ToolCall, Usage } from '../schema.ts'
import { estimateTokens } from '../tokens/tokens.ts'

import { parseJson } from './parse-json.ts'

/** Which model an answer came from. */
export interface Origin {
  readonly provider: string
  readonly model: string
}

/** One turn of a model, before it is known what the whole call took. */
export type Turn = Pick<
  Generation,
  | 'text'
  | 'reasoning'
  | 'toolCalls'
  | 'message'
  | 'finishReason'
  | 'usage'
  | 'servedModel'
  | 'warnings'
>

/** What a turn is read from; a stream collects the same. */
export type TurnSource = Pick<
  LanguageModelV3GenerateResult,
  'content' | 'finishReason' | 'usage' | 'warnings'
> & { readonly servedModel?: string | undefined }

/**
 * A model's answer in PRSM's terms.
 *
 * @param promptTokens - estimate of the prompt, for providers that report no usage
 * @throws {@link RefusedError} a content filter ended it.
 * @throws {@link ContextOverflowError} it ended because the window was full.
 * @throws {@link ProviderFailedError} it ended with an error.
 */
export function readTurn(source: TurnSource, origin: Origin, promptTokens: number): Turn {
  const content = source.content
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const reasoning = content.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const toolCalls = content.flatMap((part) => readToolCall(part) ?? [])
  const finishReason = readFinish(source, origin, toolCalls.length > 0)
  return {
    text,
    ...(reasoning === '' ? {} : { reasoning }),
    toolCalls,
    message: toMessage(content),
    finishReason,
    usage: readUsage(source.usage, { promptTokens, text }),
    warnings: source.warnings.map(describeWarning),
    ...defined({ servedModel: source.servedModel }),
  }
}

/** A tool call in PRSM's terms; `undefined` for other parts and for tools the provider runs. */
export function readToolCall(part: LanguageModelV3Content): ToolCall | undefined {
  if (part.type !== 'tool-call' || part.providerExecuted === true) return undefined
  // A tool without parameters is called with nothing at all by some servers.
  const input = part.input.trim() === '' ? {} : parseJson(part.input)
  return {
    kind: 'tool-call',
    id: part.toolCallId,
    name: part.toolName,
    input: input ?? {},
    ...(input === undefined ? { invalidInput: part.input } : {}),
    ...readProviderData(part.providerMetadata),
  }
}

/** Adds up what several turns used. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    isEstimated: a.isEstimated || b.isEstimated,
  }
}

/** Tokens as the provider reports them, or estimated where it reports none. */
export function readUsage(
  reported: LanguageModelV3Usage,
  { promptTokens, text }: { readonly promptTokens: number; readonly text: string },
): Usage {
  const { inputTokens: input, outputTokens: output, raw } = reported
  return {
    inputTokens: input.total ?? promptTokens,
    outputTokens: output.total ?? estimateTokens(text),
    cachedInputTokens: input.cacheRead ?? 0,
    reasoningTokens: output.reasoning ?? 0,
    isEstimated:
      input.total === undefined || output.total === undefined || raw?.['isEstimated'] === true,
  }
}

function readFinish({ finishReason }: TurnSource, origin: Origin, hasCalls: boolean): FinishReason {
  const { unified, raw } = finishReason
  if (raw === 'model_context_window_exceeded') {
    const hint = 'shorten the messages, or use a model with a larger window'
    throw new ContextOverflowError('filled its window before it was done', { ...origin, hint })
  }
  switch (unified) {
    case 'content-filter':
      throw new RefusedError('was stopped by a content filter, or declined', origin)
    case 'error':
      throw new ProviderFailedError(`stopped with an error (${raw ?? 'no reason'})`, origin)
    case 'stop':
    case 'length':
    case 'tool-calls':
    case 'other':
      return hasCalls ? 'tool-calls' : withoutCalls(unified)
    default:
      return assertNever(unified)
  }
}

/** Some servers say `tool_calls` and call none: then the turn simply ended. */
function withoutCalls(reason: FinishReason): FinishReason {
  return reason === 'tool-calls' ? 'other' : reason
}

type AssistantPart = Extract<Message, { role: 'assistant' }>['content'][number]

function toMessage(content: readonly LanguageModelV3Content[]): Message {
  return { role: 'assistant', content: content.flatMap(toMessagePart) }
}

function toMessagePart(part: LanguageModelV3Content): readonly AssistantPart[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ kind: 'text', text: part.text }]
  if (part.type === 'reasoning') {
    const data = readProviderData(part.providerMetadata)
    return part.text === '' && data.providerData === undefined
      ? []
      : [{ kind: 'reasoning', text: part.text, ...data }]
  }
  const call = readToolCall(part)
  return call === undefined ? [] : [call]
}

function readProviderData(metadata: object | undefined): { providerData?: Record<string, Json> } {
  if (metadata === undefined) return {}
  const providerData: Record<string, Json> = JSON.parse(JSON.stringify(metadata))
  return { providerData }
}

function describeWarning(warning: SharedV3Warning): string {
  switch (warning.type) {
    case 'unsupported':
    case 'compatibility':
      return [`${warning.type}: ${warning.feature}`, warning.details ?? []].flat().join(', ')
    case 'other':
      return warning.message
    default:
      return assertNever(warning)
  }
}
