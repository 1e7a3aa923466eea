import { InvalidArgumentError } from './errors.ts'
import type { Operation } from './operations.ts'

/** One call of an operation. */
export interface Call {
  readonly operation: Operation
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Makes the JSON text; throws when the value cannot be sent. */
  readonly body?: () => string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly idempotencyKey?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where a call goes. @throws {@link InvalidArgumentError} a parameter cannot stand in a path. */
export function urlOf(baseUrl: string, { operation, params = {}, query = {} }: Call): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    toPath(params[name] ?? '', name === 'path'),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, value.toString())
  }
  const text = search.toString()
  return `${baseUrl.replace(/\/+$/, '')}${path}${text === '' ? '' : `?${text}`}`
}

/** A value as a part of a path; only the path of a file keeps its `/`. */
function toPath(value: string, mayBeDeep: boolean): string {
  const names = mayBeDeep ? value.split('/') : [value]
  // Whatever carries the request would take these for steps in its own path.
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    throw new InvalidArgumentError(`"${value}" cannot stand in a path`)
  }
  return names.map((name) => encodeURIComponent(name)).join('/')
}

/** What goes along with a call. */
export function headersOf(
  apiKey: string | undefined,
  { body, accept: type = 'application/json', idempotencyKey, headers }: Call,
): Record<string, string> {
  return {
    accept: type,
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...headers,
  }
}
