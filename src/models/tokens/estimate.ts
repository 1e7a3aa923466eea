import { assertNever } from '../../kernel/result.ts'
import type { GenerateRequest, Message } from '../schema.ts'

import { maxTokens, type TokenCounter } from './tokens.ts'

/** Framing tokens of a message or tool; OpenAI's is 3, other chat templates spend more. */
const PER_ITEM = 8
/**
 * Other vendors' tokenizers against o200k. A policy, not a measurement: the reservation is settled
 * by the usage that the provider reports.
 */
const FOREIGN_MARGIN = 1.5
/** Bound of the repair message: 20 problems of 300 characters (calls/contract.ts). */
const REPAIR_TOKENS = 2_000

/** What a call may cost at most, for a reservation before it is made. */
export interface TokenEstimate {
  readonly inputTokens: number
  readonly maxOutputTokens: number
  /** Model turns these sums stand for: 2 when a broken output may be repaired. */
  readonly turns: number
}

/** How tokens are counted for a model. */
export interface EstimateOptions {
  readonly count: TokenCounter
  /** Whether `count` is the model's own tokenizer. */
  readonly isOwnTokenizer: boolean
  readonly maxOutputTokens: number
  /** Whether a broken output costs a second turn. */
  readonly hasRepair: boolean
}

/** Tokens of the prompt as it is sent, framing included. */
export function countRequest(request: GenerateRequest, count: TokenCounter): number {
  const texts = [
    request.instructions ?? '',
    ...request.messages.flatMap(textsOf),
    ...(request.tools ?? []).map((tool) => JSON.stringify(tool)),
    request.output === undefined ? '' : JSON.stringify(request.output),
  ]
  return texts.reduce((sum, text) => sum + count(text) + PER_ITEM, 0)
}

/** An upper estimate of a request. */
export function estimateRequest(request: GenerateRequest, options: EstimateOptions): TokenEstimate {
  const { count, isOwnTokenizer, maxOutputTokens, hasRepair } = options
  const counted = countRequest(request, count)
  const first = isOwnTokenizer
    ? counted
    : Math.min(Math.ceil(counted * FOREIGN_MARGIN), countRequest(request, maxTokens))
  if (!hasRepair) return { inputTokens: first, maxOutputTokens, turns: 1 }
  // The repair turn sends the prompt again, the broken answer, and what is wrong with it.
  const second = first + maxOutputTokens + REPAIR_TOKENS
  return { inputTokens: first + second, maxOutputTokens: maxOutputTokens * 2, turns: 2 }
}

function textsOf(message: Message): readonly string[] {
  switch (message.role) {
    case 'user':
      return message.content.map(({ text }) => text)
    case 'assistant':
      return message.content.map((part) =>
        part.kind === 'tool-call' ? JSON.stringify([part.name, part.input]) : part.text,
      )
    case 'tool':
      return message.content.map(({ name, output }) => JSON.stringify([name, output]))
    default:
      return assertNever(message)
  }
}
