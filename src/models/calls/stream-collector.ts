import {
  InvalidResponseDataError,
  type LanguageModelV3Content,
  type LanguageModelV3StreamPart,
} from '@ai-sdk/provider'

import type { StreamPart } from '../schema.ts'

import { readToolCall, type TurnSource } from './generation.ts'

/** A part of a stream before it has its number. */
export type Unnumbered<Part = StreamPart> = Part extends StreamPart ? Omit<Part, 'offset'> : never

/** Turns the parts of a provider's stream into PRSM's, and keeps what the whole turn said. */
export interface StreamCollector {
  /** @throws what the stream reports as an error. */
  accept(part: LanguageModelV3StreamPart): readonly Unnumbered[]
  /**
   * The whole turn, once the stream has ended.
   *
   * @throws {@link InvalidResponseDataError} it ended before the model was done.
   */
  finish(): TurnSource
}

/** Builds the collector of one turn. */
export function createStreamCollector(): StreamCollector {
  const content: LanguageModelV3Content[] = []
  let source: Omit<TurnSource, 'content'> | undefined
  let warnings: TurnSource['warnings'] = []
  let servedModel: string | undefined
  return {
    accept(part) {
      if (part.type === 'error') throw part.error
      if (part.type === 'stream-start') warnings = part.warnings
      if (part.type === 'response-metadata') servedModel = part.modelId
      if (part.type === 'finish') {
        source = { finishReason: part.finishReason, usage: part.usage, warnings, servedModel }
      }
      return [
        ...acceptText(content, part),
        ...acceptReasoning(content, part),
        ...acceptCall(content, part),
      ]
    },
    finish() {
      // Adapters say `other` without a reason of the provider when the stream just stopped.
      const isCut =
        source?.finishReason.unified === 'other' && source.finishReason.raw === undefined
      if (source === undefined || isCut) {
        throw new InvalidResponseDataError({ data: undefined, message: 'the stream was cut off' })
      }
      return { content, ...source }
    },
  }
}

type Parts = LanguageModelV3Content[]

function acceptText(content: Parts, part: LanguageModelV3StreamPart): readonly Unnumbered[] {
  if (part.type !== 'text-delta' || part.delta === '') return []
  const last = content.at(-1)
  if (last?.type === 'text') last.text += part.delta
  else content.push({ type: 'text', text: part.delta })
  return [{ kind: 'text', delta: part.delta }]
}

/** Providers sign a block of reasoning at its start, its end or between, and want that back. */
function acceptReasoning(content: Parts, part: LanguageModelV3StreamPart): readonly Unnumbered[] {
  const { type } = part
  if (type !== 'reasoning-start' && type !== 'reasoning-delta' && type !== 'reasoning-end')
    return []
  if (type === 'reasoning-start') content.push({ type: 'reasoning', text: '' })
  const block = content.findLast((item) => item.type === 'reasoning')
  if (block === undefined) return []
  if (part.providerMetadata !== undefined) block.providerMetadata = part.providerMetadata
  if (type !== 'reasoning-delta' || part.delta === '') return []
  block.text += part.delta
  return [{ kind: 'reasoning', delta: part.delta }]
}

function acceptCall(content: Parts, part: LanguageModelV3StreamPart): readonly Unnumbered[] {
  if (part.type !== 'tool-call') return []
  content.push(part)
  const call = readToolCall(part)
  return call === undefined ? [] : [{ kind: 'tool-call', call }]
}
