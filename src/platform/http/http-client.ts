import { Agent, fetch, type Response } from 'undici'

import type { Clock } from '../../kernel/clock.ts'

import { createAddressPolicy } from './address-policy.ts'
import { HttpTimeoutError, ResponseTooLargeError, TooManyRedirectsError } from './errors.ts'
import { createGuardedConnector, type Resolve, resolveBySystem } from './guarded-connector.ts'
import { toHttpFault } from './network-fault.ts'
import { followRedirect, type Hop, isRedirect, parseHttpUrl, showUrl } from './redirects.ts'
import { retryAfterMs } from './retry-after.ts'

/** A request to somewhere that an author names. */
export interface HttpRequest {
  readonly url: string
  readonly method: string
  /** Values without line breaks; none that frame the message, such as `host`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
  /** For everything, redirects and body included, milliseconds. */
  readonly timeoutMs: number
  /** Largest body, decompressed. */
  readonly maxBytes: number
  /** How many redirects are followed; with 0 one is given as it is. */
  readonly maxRedirects: number
  readonly signal: AbortSignal
}

/** A whole response. */
export interface HttpResponse {
  /** Where it came from, after redirects, without its query. */
  readonly url: string
  readonly status: number
  /** Names in lower case; without `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** How long it asks to wait, milliseconds. */
  readonly retryAfterMs: number
}

/** Calls hosts that authors name, and refuses private ones. */
export interface HttpClient {
  /**
   * Sends a request and reads the whole response, whatever its status.
   *
   * @throws {@link InvalidUrlError}, {@link ForbiddenSchemeError}, {@link PrivateAddressError}: of
   * the URL or of a redirect.
   * @throws {@link TooManyRedirectsError}, {@link ResponseTooLargeError}, {@link HttpTimeoutError},
   * {@link NetworkError}, {@link GarbledResponseError}.
   * @throws the signal's reason.
   */
  send(request: HttpRequest): Promise<HttpResponse>
  /** Closes idle connections. */
  close(): Promise<void>
}

/** What the client is made with. */
export interface HttpClientDeps {
  readonly clock: Clock
  /** Hosts, `host:port`, `*.suffix` and ranges that may be called although they are private. */
  readonly allowPrivate: readonly string[]
  /** @defaultValue the system's resolver */
  readonly resolve?: Resolve
}

/**
 * Builds the client.
 *
 * @remarks Connections are kept for reuse; each was checked when it was made. Proxies from the
 * environment are not used, as they would resolve names themselves.
 */
export function createHttpClient({
  clock,
  allowPrivate,
  resolve = resolveBySystem,
}: HttpClientDeps): HttpClient {
  const policy = createAddressPolicy(allowPrivate)
  // Time is bounded as a whole, so undici's own limits on its parts are off.
  const agent = new Agent({
    connect: createGuardedConnector(policy, resolve),
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    async send(request) {
      request.signal.throwIfAborted()
      const first: Hop = {
        url: parseHttpUrl(request.url),
        method: request.method,
        headers: request.headers,
        body: request.body,
      }
      const stop = new AbortController()
      const { timeoutMs } = request
      const cancel = clock.after(timeoutMs, () =>
        stop.abort(new HttpTimeoutError(showUrl(first.url), timeoutMs)),
      )
      const signal = AbortSignal.any([request.signal, stop.signal])
      try {
        return await sendHops(first, request, { agent, signal, clock })
      } catch (fault) {
        throw signal.aborted ? signal.reason : fault
      } finally {
        cancel()
      }
    },
    close: () => agent.close(),
  }
}

interface Means {
  readonly agent: Agent
  readonly signal: AbortSignal
  readonly clock: Clock
}

async function sendHops(
  first: Hop,
  { maxRedirects, maxBytes }: HttpRequest,
  means: Means,
): Promise<HttpResponse> {
  let hop = first
  for (let redirects = 0; ; redirects++) {
    const shown = showUrl(hop.url)
    try {
      const response = await sendHop(hop, means)
      const location = response.headers.get('location')
      if (location === null || !isRedirect(response.status) || maxRedirects === 0) {
        return await toResponse(response, { shown, maxBytes }, means.clock)
      }
      await response.body?.cancel()
      if (redirects === maxRedirects)
        throw new TooManyRedirectsError(showUrl(first.url), `more than ${maxRedirects} times`)
      hop = followRedirect(hop, response.status, location)
    } catch (fault) {
      throw toHttpFault(fault, shown)
    }
  }
}

function sendHop({ url, method, headers, body }: Hop, { agent, signal }: Means): Promise<Response> {
  return fetch(url, {
    method,
    headers,
    redirect: 'manual',
    dispatcher: agent,
    signal,
    ...(body !== undefined && { body }),
  })
}

interface Reading {
  readonly shown: string
  readonly maxBytes: number
}

async function toResponse(
  response: Response,
  { shown, maxBytes }: Reading,
  clock: Clock,
): Promise<HttpResponse> {
  const headers = new Map(response.headers)
  headers.delete('set-cookie')
  return {
    url: shown,
    status: response.status,
    headers: Object.fromEntries(headers),
    body: await readBody(response, { shown, maxBytes }),
    retryAfterMs: retryAfterMs(headers.get('retry-after'), clock.now()),
  }
}

/** Reads the body as it comes, and stops reading when it grows too large. */
async function readBody(response: Response, { shown, maxBytes }: Reading): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.length
    // Leaving the loop cancels the body.
    if (bytes > maxBytes) throw new ResponseTooLargeError(shown, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}
