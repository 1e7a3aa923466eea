import type { Json } from '../../../kernel/json.ts'

import type { HttpParameters } from './schema.ts'

/** The parts of a request that follow from the parameters. */
export interface Outgoing {
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Methods that change something, so that a second try must be told from a second request. */
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** Makes the request of a step. An `Idempotency-Key` of the author outweighs the step's. */
export function toOutgoing(parameters: HttpParameters, idempotencyKey: string): Outgoing {
  const { url, method, headers, query, body } = parameters
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    url: withQuery(url, query),
    headers: {
      ...(CHANGING.has(method) && { 'idempotency-key': idempotencyKey }),
      ...(body !== undefined && {
        'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      }),
      ...Object.fromEntries(given),
    },
    body: toBody(body),
  }
}

function toBody(body: Json | undefined): string | undefined {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
}

/** A text that is no URL stays as it is, to be refused where it is called. */
function withQuery(text: string, query: HttpParameters['query']): string {
  if (query === undefined || !URL.canParse(text)) return text
  const url = new URL(text)
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      url.searchParams.append(name, String(each))
    }
  }
  return url.href
}
