import type { LanguageModelV3CallOptions } from '@ai-sdk/provider'

import type { ProviderRuntime } from '../limits/provider-runtime.ts'
import type { GenerateRequest, Message } from '../schema.ts'
import { countRequest } from '../tokens/estimate.ts'
import { estimateTokens } from '../tokens/tokens.ts'

import { type CallTarget, toCallOptions } from './call-options.ts'
import type { Origin } from './generation.ts'
import type { SchemaChecker } from './json-schema.ts'

/** A request, checked, and everything needed to make its calls. */
export interface PreparedCall {
  /** The reference of the model, as requests name it. */
  readonly reference: string
  readonly origin: Origin
  /** With the task written out. */
  readonly request: GenerateRequest
  readonly target: CallTarget
  readonly runtime: ProviderRuntime
  /** Loaded when the request brings a schema. */
  readonly checker: SchemaChecker | undefined
  readonly timeoutMs: number
  /** Stable over the tries of a turn, so that a gateway can tell a repeat from a new call. */
  readonly key: string
  /** Whether a broken answer may be repaired: not by a model that would give it again. */
  readonly hasRepair: boolean
}

/** One turn of a prepared call. */
export interface PreparedTurn {
  readonly options: LanguageModelV3CallOptions
  readonly promptTokens: number
  /** Tokens to reserve: the prompt and the longest answer. */
  readonly reserved: number
}

/** The options of a turn. */
export function prepareTurn({ request, target, key }: PreparedCall): PreparedTurn {
  const options = toCallOptions(request, target, key)
  const promptTokens = countRequest(request, estimateTokens)
  return { options, promptTokens, reserved: promptTokens + (options.maxOutputTokens ?? 0) }
}

/** The call that shows the model what was wrong with its answer. */
export function toRepair(call: PreparedCall, messages: readonly Message[]): PreparedCall {
  const request = { ...call.request, messages: [...call.request.messages, ...messages] }
  return { ...call, request, key: `${call.key}-repair`, hasRepair: false }
}
