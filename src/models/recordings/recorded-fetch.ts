import { parseJson } from '../calls/parse-json.ts'
import type { Fetch } from '../providers/load-provider.ts'
import { UnrecordedRequestError } from '../request-errors.ts'

import type { RecordedRequest, RecordedResponse } from './schema.ts'
import { recordingKey, type RecordingStore } from './store.ts'

/** Of a response's headers only these are kept: the others name accounts and machines. */
const KEPT_HEADERS = ['content-type', 'retry-after', 'retry-after-ms', 'x-should-retry']

/**
 * A fetch that stores each exchange.
 *
 * @remarks Request headers, and with them every key, are never stored. Prompts and answers are:
 * record with made-up ones. A stream is passed on when it is complete.
 */
export function createRecordingFetch(fetch: Fetch, store: RecordingStore): Fetch {
  return async (input, init) => {
    const request = describeRequest(input, init)
    const response = await fetch(input, init)
    const text = await response.text()
    const { status, statusText, headers } = response
    const known = await store.find(request)
    const recorded = describeResponse(response, text)
    await store.put({ request, responses: [...(known?.responses ?? []), recorded] })
    return new Response(text, { status, statusText, headers })
  }
}

/**
 * A fetch that answers from recordings alone.
 *
 * @throws {@link UnrecordedRequestError} the request was never recorded.
 */
export function createReplayFetch(store: RecordingStore): Fetch {
  const asked = new Map<string, number>()
  return async (input, init) => {
    const request = describeRequest(input, init)
    init?.signal?.throwIfAborted()
    const key = recordingKey(request)
    const recording = await store.find(request)
    if (recording === undefined) throw new UnrecordedRequestError(request.path, key)
    const index = asked.get(key) ?? 0
    asked.set(key, index + 1)
    const response = recording.responses[Math.min(index, recording.responses.length - 1)]
    if (response === undefined) throw new UnrecordedRequestError(request.path, key)
    return toResponse(response)
  }
}

/** The recognisable part of a request; keys in the query are left out. */
export function describeRequest(...[input, init]: Parameters<Fetch>): RecordedRequest {
  const url = new URL(input instanceof Request ? input.url : input)
  url.searchParams.delete('key')
  const body = typeof init?.body === 'string' ? (parseJson(init.body) ?? init.body) : null
  return { method: init?.method ?? 'GET', path: `${url.pathname}${url.search}`, body }
}

function describeResponse({ status, headers }: Response, text: string): RecordedResponse {
  const kept = KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  const json = parseJson(text)
  const chunks = text.split(/(?<=\n\n)/)
  return {
    status,
    headers: Object.fromEntries(kept),
    body: json === undefined ? { chunks } : { json },
  }
}

function toResponse({ status, headers, body }: RecordedResponse): Response {
  if ('json' in body) return new Response(JSON.stringify(body.json), { status, headers })
  const { chunks, isCut = false } = body
  const encoder = new TextEncoder()
  let next = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk !== undefined) controller.enqueue(encoder.encode(chunk))
      else if (isCut) controller.error(brokenConnection())
      else controller.close()
    },
  })
  return new Response(stream, { status, headers })
}

/** What Node's fetch reports when a connection breaks in the middle of a body. */
function brokenConnection(): TypeError {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
  return new TypeError('terminated', { cause })
}
