import { createAccess } from '../../src/access/index.ts'
import { createMemoryKeyStore } from '../../src/access/testing.ts'
import { createApi } from '../../src/api/index.ts'
import { STATUS_BY_CODE } from '../../src/api/problem-status.ts'
import { createMemoryDeps } from '../../src/api/testing.ts'
import { OPERATIONS } from '../../src/client/index.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/json.ts'
import { createSeededRandom } from '../../src/kernel/random.ts'
import { createManualClock } from '../../src/kernel/testing.ts'

import { heading, page, table } from './markdown.ts'

/** Codes that operations share, by what makes them possible. */
const SHARED = {
  'a key': ['access.unauthenticated', 'access.missing-scope', 'api.too-many-requests'],
  'a body': [
    'api.malformed-json',
    'api.unsupported-media-type',
    'api.too-large',
    'api.too-deep',
    'api.invalid-request',
  ],
  parameters: ['api.invalid-request'],
  'a cursor': ['api.invalid-cursor'],
  'an Idempotency-Key': [
    'api.invalid-idempotency-key',
    'api.in-progress',
    'api.idempotency-mismatch',
    'api.response-not-kept',
  ],
  'a run': ['workflow.unknown-run'],
} as const

type Trait = keyof typeof SHARED

/** `docs/reference/api.md`: the operations of the HTTP API. */
export async function apiPage(): Promise<string> {
  const operations = operationsOf(await document())
  return page(
    heading(
      'HTTP API',
      'A server answers at `/v1`; `/openapi.json` is the whole contract as OpenAPI 3.1, and `/docs` shows it. JSON in and out. Money is in whole µFTNS as decimal strings, times are milliseconds since 1970. A failure is a problem document (RFC 9457) whose `code` is in [errors.md](errors.md). The typed client of the package, `prsm/client`, has a method of the name in the last column.',
    ),
    '## Operations',
    table(
      ['Operation', 'What it does', 'Scope', 'Takes', 'Client'],
      operations.map(({ method, path, summary, scope, traits, id }) => [
        `\`${method} ${path}\``,
        summary,
        scope === undefined ? 'no key' : `\`${scope}\``,
        traits.filter((trait) => trait !== 'a key' && trait !== 'a run').join(', '),
        id in OPERATIONS ? `\`${id}\`` : '',
      ]),
    ),
    'A key has a scope; `run` includes `read`, and `admin` includes `run`. Send it as `Authorization: Bearer prsm_…`.',
    '## Problems',
    'Beside those of its own work, an operation may answer with these, by what it takes.',
    table(
      ['It takes', 'Codes'],
      Object.entries(SHARED).map(([trait, codes]) => [trait, codes.map(withStatus).join(', ')]),
    ),
    ...conventions(),
  )
}

function conventions(): readonly string[] {
  return [
    '## Lists',
    'A list takes `limit` and `cursor`, and gives `items` and `next`. Pass `next` unchanged as `cursor`; the last page has none. Lists of events take `after` instead: the place of the last event that was seen.',
    '## Streams',
    'Both lists of events answer with server-sent events when the request says `Accept: text/event-stream`. A client that comes back sends `Last-Event-ID` and misses nothing.',
    '## Requests that may be repeated',
    'An operation with an effect takes `Idempotency-Key`, 8 to 200 visible ASCII characters. The same key with the same request within 24 hours gets the first answer again and has no second effect; with another request it is refused.',
  ]
}

function withStatus(code: string): string {
  const status = new Map<string, number | undefined>(Object.entries(STATUS_BY_CODE)).get(code)
  if (status === undefined) throw new TypeError(`"${code}" has no status`)
  return `\`${code}\` (${status})`
}

interface OperationRow {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly scope: string | undefined
  readonly traits: readonly Trait[]
}

function operationsOf({ paths }: JsonObject): readonly OperationRow[] {
  if (!isJsonObject(paths)) throw new TypeError('the document has no paths')
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(isJsonObject(methods) ? methods : {}).map(([method, value]) => {
      const operation = isJsonObject(value) ? value : {}
      return {
        id: textOf(operation['operationId']),
        method: method.toUpperCase(),
        path,
        summary: textOf(operation['summary']),
        scope: scopeOf(operation),
        traits: traitsOf(path, operation),
      }
    }),
  )
}

function scopeOf({ security }: JsonObject): string | undefined {
  const [first] = Array.isArray(security) ? security : []
  const scopes = isJsonObject(first) ? first['apiKey'] : undefined
  return Array.isArray(scopes) ? scopes.join(', ') : undefined
}

function traitsOf(path: string, operation: JsonObject): readonly Trait[] {
  const { parameters, requestBody } = operation
  const names = new Set(
    (Array.isArray(parameters) ? parameters : []).map((each: Json) =>
      isJsonObject(each) ? textOf(each['name']) : '',
    ),
  )
  const holds: Readonly<Record<Trait, boolean>> = {
    'a key': scopeOf(operation) !== undefined,
    'a body': requestBody !== undefined,
    parameters: [...names].some((name) => name !== 'Idempotency-Key'),
    'a cursor': names.has('cursor'),
    'an Idempotency-Key': names.has('Idempotency-Key'),
    'a run': path.startsWith('/v1/runs/{id}'),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are written just above
  const traits = Object.keys(holds) as Trait[]
  return traits.filter((trait) => holds[trait])
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

async function document(): Promise<JsonObject> {
  const clock = createManualClock()
  const random = createSeededRandom(1)
  const ids = createIds({ clock, random })
  const access = createAccess({ store: createMemoryKeyStore(), clock, ids, random })
  const response = await createApi(createMemoryDeps(access)).request('/openapi.json')
  const value: unknown = await response.json()
  return value as JsonObject
}
