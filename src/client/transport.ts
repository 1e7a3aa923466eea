import type { z } from 'zod'

import { PlatformError } from '../kernel/errors.ts'

import { type Call, headersOf, urlOf } from './call.ts'
import { ApiError, UnexpectedResponseError, UnreachableError } from './errors.ts'
import { readProblem } from './problem.ts'
import { type Backoff, backoffMs, newIdempotencyKey, type Pause, randomShare } from './timing.ts'

/** `fetch`, or what answers instead of it: an application in the same process. */
export type FetchLike = (url: string, init: RequestInit) => Response | Promise<Response>

/** What a transport is made of. */
export interface TransportOptions {
  readonly baseUrl: string
  readonly apiKey: string | undefined
  readonly fetch: FetchLike
  readonly pause: Pause
  /** Tries of a call that may be repeated, 1 or more. */
  readonly attempts: number
  readonly backoff: Backoff
  /** How long one try may take, ms. */
  readonly timeoutMs: number
}

/** Sends calls. */
export interface Transport {
  /** The decoded answer of a call. @throws {@link ApiError} {@link UnreachableError} */
  json<Value>(schema: z.ZodType<Value>, call: Call): Promise<Value>
  /** The answer itself, its body not read; one try. @throws the same */
  open(call: Call): Promise<Response>
  /** The answer itself; as many tries as `json` makes. @throws the same */
  openSafely(call: Call): Promise<Response>
  readonly options: TransportOptions
}

/** A server that asks for a longer wait than this is not waited for, ms. */
const MAX_WAIT_MS = 30_000
const PASSING_STATUS = new Set([429, 502, 503, 504])

/** Builds the transport of a client. */
export function createTransport(options: TransportOptions): Transport {
  const open: Transport['open'] = (call) => attempt(options, call, accept)
  const openSafely: Transport['open'] = (call) => repeat(options, call, accept)
  return {
    options,
    open,
    openSafely,
    json: (schema, call) =>
      repeat(options, call, async (response) => decode(schema, await accept(response))),
  }
}

/** Whether the same call may succeed later. */
export function isPassing(fault: unknown): fault is PlatformError {
  if (fault instanceof UnreachableError) return true
  if (fault instanceof UnexpectedResponseError) return PASSING_STATUS.has(fault.status)
  return fault instanceof ApiError && (PASSING_STATUS.has(fault.status) || isInProgress(fault))
}

function isInProgress({ code }: ApiError): boolean {
  return code === 'api.in-progress'
}

/** Tries a call until it succeeds or fails for good; every try carries the same Idempotency-Key. */
async function repeat<Value>(
  options: TransportOptions,
  call: Call,
  read: (response: Response) => Promise<Value>,
): Promise<Value> {
  const keyed = withKey(call)
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(options, keyed, read)
    } catch (fault) {
      call.signal?.throwIfAborted()
      const waitMs = waitBefore(fault, options.backoff, tries)
      if (tries >= options.attempts || !isPassing(fault) || waitMs > MAX_WAIT_MS) throw fault
      await options.pause(waitMs, call.signal)
    }
  }
}

function waitBefore(fault: unknown, backoff: Backoff, tries: number): number {
  const asked = fault instanceof ApiError ? (fault.retryAfterMs ?? 0) : 0
  return Math.max(asked, backoffMs(backoff, tries, randomShare()))
}

function withKey(call: Call): Call {
  if (!call.operation.hasEffect) return call
  return { ...call, idempotencyKey: call.idempotencyKey ?? newIdempotencyKey() }
}

/** One try, its answer read within its time. */
async function attempt<Value>(
  options: TransportOptions,
  call: Call,
  read: (response: Response) => Promise<Value>,
): Promise<Value> {
  const { signal } = call
  signal?.throwIfAborted()
  const body = call.body?.()
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const late = new DOMException(`no answer within ${options.timeoutMs} ms`, 'TimeoutError')
  const timer = setTimeout(() => stop.abort(late), options.timeoutMs)
  try {
    const response = await options.fetch(urlOf(options.baseUrl, call), {
      method: call.operation.method,
      headers: headersOf(options.apiKey, call),
      ...(body !== undefined && { body }),
      signal: stop.signal,
    })
    return await read(response)
  } catch (fault) {
    if (fault instanceof PlatformError) throw fault
    signal?.throwIfAborted()
    throw new UnreachableError(options.baseUrl, fault)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

async function accept(response: Response): Promise<Response> {
  if (response.ok) return response
  throw await readProblem(response)
}

async function decode<Value>(schema: z.ZodType<Value>, response: Response): Promise<Value> {
  const parsed = schema.safeParse(await readJson(response))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') ?? ''
  throw new UnexpectedResponseError(response.status, `${place}: ${issue?.message ?? 'not valid'}`)
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) {
      throw new UnexpectedResponseError(response.status, 'it is not JSON')
    }
    throw fault
  }
}
