import type { Context } from 'hono'

import type { ApiDeps, ApiEnv } from '../deps.ts'
import { NotReadyError, TooManyStreamsError } from '../errors.ts'

import { encodeRetry, HEARTBEAT } from './sse.ts'
import { createTextStream } from './text-stream.ts'

const DEFAULT_MAX_STREAMS = 2_000
const DEFAULT_HEARTBEAT_MS = 15_000
/** How long a client waits before it connects again after a broken connection, milliseconds. */
const RETRY_MS = 1_000
/** The same, when the stream ended because the server is closing or has trouble. */
const RETRY_LATER_MS = 3_000

/** Gives the text of a stream until it ends or the signal aborts. */
export type OpenChunks = (signal: AbortSignal) => AsyncGenerator<string, void>

/** Answers with streams of server-sent events. */
export type OpenStream = (context: Context<ApiEnv>, open: OpenChunks) => Response

/**
 * Builds the answerer.
 *
 * @remarks Limit: beyond `maxStreams` open ones a client is refused with 503. A stream ends with a
 * hint when to come back when the server closes, and ends silently when its client leaves.
 */
export function createEventStreams({ clock, log, closing, options }: ApiDeps): OpenStream {
  const { maxStreams = DEFAULT_MAX_STREAMS, heartbeatMs = DEFAULT_HEARTBEAT_MS } = options ?? {}
  const open = new Set<AbortController>()
  closing?.addEventListener('abort', () => {
    for (const stop of open) stop.abort()
  })
  return (context, openChunks) => {
    if (closing?.aborted === true) throw new NotReadyError('it is closing')
    if (open.size >= maxStreams) throw new TooManyStreamsError(maxStreams)
    const request = context.var.requestId
    const startedAt = clock.now()
    const stop = new AbortController()
    open.add(stop)
    const end = (): void => {
      if (open.delete(stop)) log.info('api.stream-ended', { request, ms: clock.now() - startedAt })
    }
    async function* chunks(): AsyncGenerator<string, void> {
      try {
        yield encodeRetry(RETRY_MS)
        yield* openChunks(stop.signal)
      } catch (fault) {
        if (!stop.signal.aborted) log.error('api.stream-failed', fault, { request })
        yield encodeRetry(RETRY_LATER_MS)
      } finally {
        end()
      }
    }
    const onLeave = (): void => {
      stop.abort()
      end()
    }
    const body = createTextStream({
      chunks: chunks(),
      clock,
      heartbeat: HEARTBEAT,
      heartbeatMs,
      onLeave,
    })
    return new Response(body, { headers: HEADERS })
  }
}

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that buffer would hold events back.
  'x-accel-buffering': 'no',
}

/** Whether the client asks for a stream rather than a page. */
export function wantsStream(context: Context<ApiEnv>): boolean {
  const accept = context.req.header('accept') ?? ''
  return context.req.method === 'GET' && accept.includes('text/event-stream')
}
