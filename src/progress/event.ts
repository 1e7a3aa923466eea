import type { EpochMs } from '../kernel/clock.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

/** A fact of a run as the journal and the API give it. */
export interface ProgressEvent {
  /** The run. */
  readonly stream: string
  /** 1, 2, 3 … within the run. */
  readonly version: number
  readonly kind: string
  readonly at: EpochMs
  readonly data: JsonObject
}

/** An error as it stands in an event. */
export interface ProgressError {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly details?: JsonObject
}

/** A member that is text; `undefined` when it is not there, or something else. */
export function textIn(data: JsonObject, name: string): string | undefined {
  const value = data[name]
  return typeof value === 'string' ? value : undefined
}

/** A member that is a number; `undefined` when it is not there, or something else. */
export function numberIn(data: JsonObject, name: string): number | undefined {
  const value = data[name]
  return typeof value === 'number' ? value : undefined
}

/** A member that is an amount of money, in whole µFTNS; `undefined` when it is none. */
export function amountIn(data: JsonObject, name: string): bigint | undefined {
  const text = textIn(data, name)
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : undefined
}

/** A member that is an error; `undefined` when it is not there, or something else. */
export function errorIn(data: JsonObject, name: string): ProgressError | undefined {
  const value: Json | undefined = data[name]
  if (!isJsonObject(value)) return undefined
  const { hint, details } = value
  return {
    code: textIn(value, 'code') ?? 'internal.fault',
    message: textIn(value, 'message') ?? '',
    ...(typeof hint === 'string' && { hint }),
    ...(isJsonObject(details) && { details }),
  }
}
