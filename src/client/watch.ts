import type { z } from 'zod'

import type { PlatformError } from '../kernel/errors.ts'

import type { Call } from './call.ts'
import { ApiError, UnexpectedResponseError, UnreachableError } from './errors.ts'
import { createSseParser, type SseMessage, type SseNews } from './sse-parser.ts'
import { backoffMs, randomShare } from './timing.ts'
import { isPassing, type Transport } from './transport.ts'

/** Where and until when something is watched. */
export interface WatchOptions {
  /** Only what stands behind this place. @defaultValue 0 */
  readonly after?: number
  /** Ends the watching: the iteration rejects with its reason. */
  readonly signal?: AbortSignal
}

/** The server shows that a stream lives every 15 s; three of them missing mean that it does not. */
const SILENCE_MS = 45_000
/** Tries in a row that bring nothing before the watcher gives up. */
const MAX_FAILURES = 10

/** What a message says: an item at a place, or one that only tells of what follows. */
export interface Placed<Item> {
  readonly item: Item
  readonly position: number | undefined
}

/** What is watched, and how its messages are read. */
export interface WatchRequest<Item> extends WatchOptions {
  readonly call: Call
  /** @throws {@link UnexpectedResponseError} it is not of the kind. */
  readonly read: (message: SseMessage) => Placed<Item>
}

/**
 * Items as they come, across broken connections: none is missed, none comes twice.
 *
 * @remarks A broken stream is opened again behind the last item, after a wait that grows.
 * @throws {@link UnreachableError} ten tries in a row brought nothing.
 */
export async function* watch<Item>(
  transport: Transport,
  request: WatchRequest<Item>,
): AsyncGenerator<Item, void> {
  const { after = 0 } = request
  const { signal } = request
  const state: State = { position: after, failures: 0, retryMs: undefined }
  for (;;) {
    const outcome = yield* watchOnce(transport, request, state)
    if (outcome.hasEnded) return
    state.failures += 1
    if (state.failures > MAX_FAILURES) {
      const { baseUrl } = transport.options
      throw outcome.fault ?? new UnreachableError(baseUrl, 'its streams end at once')
    }
    await transport.options.pause(waitBefore(transport, state, outcome.fault), signal)
  }
}

/** Where a watcher is, across its connections. */
interface State {
  position: number
  failures: number
  /** What the server asks to wait before connecting again, ms. */
  retryMs: number | undefined
}

type Outcome =
  | { readonly hasEnded: true }
  | { readonly hasEnded: false; readonly fault: PlatformError | undefined }

/** The items of one connection. */
async function* watchOnce<Item>(
  transport: Transport,
  { call, signal, read }: WatchRequest<Item>,
  state: State,
): AsyncGenerator<Item, Outcome> {
  try {
    const query = { ...call.query, after: state.position }
    for await (const { messages, retryMs } of openStream(transport, { ...call, signal, query })) {
      // The first words of a stream say when to come back; they alone are no success.
      if (retryMs === undefined || messages.length > 0) state.failures = 0
      state.retryMs = retryMs ?? state.retryMs
      for (const message of messages) {
        if (message.event === 'end') return { hasEnded: true }
        const { item, position } = read(message)
        state.position = position ?? state.position
        yield item
      }
    }
    return { hasEnded: false, fault: undefined }
  } catch (fault) {
    signal?.throwIfAborted()
    if (!isPassing(fault)) throw fault
    return { hasEnded: false, fault }
  }
}

function waitBefore(
  { options }: Transport,
  { failures, retryMs }: State,
  fault: PlatformError | undefined,
): number {
  const { initialMs, maxMs } = options.backoff
  const growth = { initialMs: retryMs ?? initialMs, maxMs: Math.max(maxMs, retryMs ?? 0) }
  const asked = fault instanceof ApiError ? (fault.retryAfterMs ?? 0) : 0
  return Math.max(asked, backoffMs(growth, failures, randomShare()))
}

/** The place of a message; what it names by its id. */
export function placeOf({ id }: SseMessage): number | undefined {
  const position = Number(id ?? Number.NaN)
  return Number.isSafeInteger(position) ? position : undefined
}

/** What a message holds. @throws {@link UnexpectedResponseError} something else. */
export function contentOf<Value>(
  schema: z.ZodType<Value>,
  { data }: SseMessage,
  what: string,
): Value {
  const parsed = schema.safeParse(parseJson(data))
  if (parsed.success) return parsed.data
  throw new UnexpectedResponseError(200, `a message of the stream is not ${what}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}

async function* openStream(transport: Transport, call: Call): AsyncGenerator<SseNews, void> {
  const { signal } = call
  const response = await transport.open({ ...call, accept: 'text/event-stream' })
  if (response.body === null) throw new UnexpectedResponseError(response.status, 'it is empty')
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const parse = createSseParser()
  // An application in the same process does not hear of the signal by itself.
  const leave = (): void => void reader.cancel().catch(() => undefined)
  signal?.addEventListener('abort', leave, { once: true })
  try {
    for (;;) {
      const { done, value } = await orSilence(reader.read(), transport.options.baseUrl)
      signal?.throwIfAborted()
      if (done) return
      yield parse(decoder.decode(value, { stream: true }))
    }
  } finally {
    signal?.removeEventListener('abort', leave)
    leave()
  }
}

/** A stream that breaks is as good as a server that is not there. */
async function orSilence<Value>(reading: Promise<Value>, baseUrl: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`silence for ${SILENCE_MS} ms`)), SILENCE_MS)
  })
  try {
    return await Promise.race([reading, silence])
  } catch (fault) {
    throw new UnreachableError(baseUrl, fault)
  } finally {
    clearTimeout(timer)
  }
}
