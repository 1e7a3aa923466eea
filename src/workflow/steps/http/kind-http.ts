import type { Breakers } from '../../../kernel/breakers.ts'
import { GarbledResponseError } from '../../../platform/http/errors.ts'
import type { HttpClient, HttpResponse } from '../../../platform/http/http-client.ts'
import { parseHttpUrl } from '../../../platform/http/redirects.ts'
import { defineStepKind, type StepKind, type StepResult, type StepTask } from '../step-kind.ts'

import { HttpCircuitOpenError, HttpStatusError } from './errors.ts'
import { excerptOf, parseBody } from './incoming-http.ts'
import { judgeHttpFault } from './judge-http.ts'
import { toOutgoing } from './outgoing.ts'
import { httpParameters, type HttpParameters, httpResult } from './schema.ts'

/** What an `http` step needs from outside. */
export interface HttpKindDeps {
  readonly client: HttpClient
  /** Those of the process. */
  readonly breakers: Breakers
}

/**
 * `http`: calls a URL and gives the response.
 *
 * @remarks Retry: requests that change something carry the step's idempotency key, so that a server
 * which heeds it acts once, also after a crash between the request and the record of its response.
 */
export function createHttpKind(deps: HttpKindDeps): StepKind {
  return defineStepKind({
    name: 'http',
    summary: 'Calls a URL and gives status, headers and body of the response.',
    with: httpParameters,
    gives: httpResult,
    takesSecrets: true,
    programBy: ['method', 'url'],
    run: (parameters, task) => runGuarded(deps, parameters, task),
  })
}

/**
 * The request, unless its host is known to be ill.
 *
 * @remarks A circuit is that of one host and one tenant: nobody can have a host shut for others.
 */
async function runGuarded(
  { client, breakers }: HttpKindDeps,
  parameters: HttpParameters,
  task: StepTask,
): Promise<StepResult> {
  const { host } = parseHttpUrl(parameters.url)
  return breakers.call({
    dependency: { name: `http:${host}`, tenant: task.tenant },
    run: () => runHttp(client, parameters, task),
    judge: judgeHttpFault,
    whenOpen: (open) => new HttpCircuitOpenError(host, open),
    signal: task.signal,
  })
}

async function runHttp(
  client: HttpClient,
  parameters: HttpParameters,
  task: StepTask,
): Promise<StepResult> {
  const { method, timeoutMs, maxBytes, followRedirects } = parameters
  const isExpected = expectation(parameters.expectStatus)
  // A redirect that is expected is given, not followed.
  const maxRedirects = [301, 302, 303, 307, 308].some(isExpected) ? 0 : followRedirects
  const response = await client.send({
    ...toOutgoing(parameters, task.idempotencyKey),
    method,
    timeoutMs,
    maxBytes,
    maxRedirects,
    signal: task.signal,
  })
  return { output: toOutput(response, parameters, isExpected) }
}

function toOutput(
  { url, status, headers, body: bytes, retryAfterMs }: HttpResponse,
  { method, parse }: HttpParameters,
  isExpected: (status: number) => boolean,
): StepResult['output'] {
  const contentType = headers['content-type'] ?? ''
  if (!isExpected(status)) {
    const excerpt = excerptOf(bytes, contentType)
    throw new HttpStatusError({ method, url, status, excerpt, retryAfterMs })
  }
  const isBare = bytes.length === 0 && (method === 'HEAD' || status === 204)
  const incoming = parseBody(bytes, contentType, isBare ? 'auto' : parse)
  if (incoming.kind === 'garbage') throw new GarbledResponseError(url, incoming.reason)
  return { status, headers, body: incoming.body }
}

function expectation(expected: HttpParameters['expectStatus']): (status: number) => boolean {
  if (expected === undefined) return (status) => status >= 200 && status < 300
  const statuses = new Set(typeof expected === 'number' ? [expected] : expected)
  return (status) => statuses.has(status)
}
