import { APICallError } from '@ai-sdk/provider'

import type { EpochMs } from '../../kernel/clock.ts'

import { retryAfterMs } from './retry-after.ts'

/** What a provider's error says in fields. Message texts are for people and decide nothing. */
export interface FaultFacts {
  /** HTTP status; none when there was no response. */
  readonly status: number | undefined
  /** Machine-readable names of the error, such as `context_length_exceeded`, lower case. */
  readonly codes: readonly string[]
  readonly message: string
  readonly retryAfterMs: number | undefined
  /** What the SDK concludes from the status (408, 409, 429, 5xx, no network) and the server overrules. */
  readonly isRetryable: boolean
}

/** The facts of an SDK error, or of an error object that came inside a stream. */
export function faultFacts(fault: unknown, nowMs: EpochMs): FaultFacts | undefined {
  if (APICallError.isInstance(fault)) return ofCallError(fault, nowMs)
  const record = recordOf(fault)
  if (record === undefined || fault instanceof Error) return undefined
  const codes = codesOf(record)
  const status = numberIn([record['status'], record['code']])
  const known = status ?? statusOfCodes(codes)
  return {
    status: known,
    codes,
    message: textIn(record, 'message') ?? '',
    retryAfterMs: undefined,
    isRetryable: known !== undefined && (known === 429 || known >= 500),
  }
}

function ofCallError(fault: APICallError, nowMs: EpochMs): FaultFacts {
  const headers = fault.responseHeaders ?? {}
  const body = recordOf(fault.data) ?? parseRecord(fault.responseBody)
  return {
    status: fault.statusCode,
    codes: body === undefined ? [] : codesOf(body),
    message: fault.message,
    retryAfterMs: retryAfterMs(headers, nowMs) ?? retryInfoMs(parseRecord(fault.responseBody)),
    isRetryable: headers['x-should-retry'] === 'false' ? false : fault.isRetryable,
  }
}

/** `code`, `type` and `status` of the error object and of those inside it. */
function codesOf(record: Readonly<Record<string, unknown>>): readonly string[] {
  const inner = recordOf(record['error']) ?? recordOf(recordOf(record['response'])?.['error'])
  const own = ['code', 'type', 'status'].flatMap((key) => textIn(record, key) ?? [])
  return [...own.map((text) => text.toLowerCase()), ...(inner === undefined ? [] : codesOf(inner))]
}

/** Streams carry errors without a status; these are the providers' own names for 429 and 5xx. */
function statusOfCodes(codes: readonly string[]): number | undefined {
  if (codes.some((code) => code.startsWith('rate_limit') || code === 'resource_exhausted'))
    return 429
  if (codes.some((code) => code === 'overloaded_error' || code === 'unavailable')) return 503
  if (codes.some((code) => /^(?:server_error|api_error|internal)/.test(code))) return 500
  return undefined
}

/** Google says how long to wait in the body: `details: [{ retryDelay: "34s" }]`. */
function retryInfoMs(body: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const details = recordOf(body?.['error'])?.['details']
  if (!Array.isArray(details)) return undefined
  const delays = details.flatMap((item: unknown) => {
    const match = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(
      textIn(recordOf(item) ?? {}, 'retryDelay') ?? '',
    )
    return match === null ? [] : [Math.ceil(Number(match[1]) * 1_000)]
  })
  return delays[0]
}

function parseRecord(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return recordOf(value)
  } catch {
    // Error pages of proxies are HTML: they have no fields to read.
    return undefined
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textIn(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = record[key]
  return typeof value === 'string' ? value : undefined
}

function numberIn(values: readonly unknown[]): number | undefined {
  return values.find(
    (value): value is number => typeof value === 'number' && value >= 400 && value < 600,
  )
}
