import { beforeEach, describe, expect, test } from 'vitest'

import { createAccess, type Scope } from '../access/index.ts'
import { createMemoryKeyStore } from '../access/testing.ts'
import { createIds } from '../kernel/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { createSeededRandom } from '../kernel/random.ts'
import { createManualClock, type ManualClock } from '../kernel/testing.ts'

import { createApi } from './app.ts'
import type { ApiDeps } from './deps.ts'
import { createMemoryIdempotencyStore } from './idempotency/testing.ts'
import {
  createMemoryDeps,
  createMemoryJournal,
  createMemoryWorkflows,
  type MemoryJournal,
  type MemoryWorkflows,
} from './testing.ts'

let clock: ManualClock
let workflows: MemoryWorkflows
let journal: MemoryJournal
let access: ReturnType<typeof createAccess>
let lines: { readonly event: string; readonly fields: JsonObject; readonly fault?: unknown }[]

const log: Log = {
  debug: () => undefined,
  info: (event, fields = {}) => void lines.push({ event, fields }),
  warn: (event, fields = {}) => void lines.push({ event, fields }),
  error: (event, fault, fields = {}) => void lines.push({ event, fields, fault }),
  child: () => log,
}

beforeEach(() => {
  clock = createManualClock()
  const random = createSeededRandom(5)
  workflows = createMemoryWorkflows()
  journal = createMemoryJournal()
  access = createAccess({
    store: createMemoryKeyStore(),
    clock,
    random,
    ids: createIds({ clock, random }),
  })
  lines = []
})

const open = (more: Partial<ApiDeps> = {}): ReturnType<typeof createApi> =>
  createApi(createMemoryDeps(access, { workflows, journal, clock, log, ...more }))
const post = (body: Json, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
})
const codeOf = async (response: Response): Promise<unknown> => {
  const problem = (await response.json()) as { code: string }
  return [response.status, problem.code]
}
const stream = { headers: { accept: 'text/event-stream' } }
/** Lets promises settle. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Every operation of the document. */
async function operations(): Promise<
  { method: string; path: string; operationId: string; scope: string | undefined }[]
> {
  const document = (await (await open().request('/openapi.json')).json()) as {
    paths: Record<
      string,
      Record<string, { operationId: string; security?: { apiKey: string[] }[] }>
    >
  }
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security }]) => ({
      method,
      path,
      operationId,
      scope: security?.[0]?.apiKey[0],
    })),
  )
}
const urlOf = (path: string): string => path.replace('{id}', 'run_1').replace('{path}', 'a/b.txt')

describe('one effect', () => {
  const request = { definition: { name: 'x' } }

  test('a crash between the effect and the kept response does not begin a second run', async () => {
    const store = createMemoryIdempotencyStore()
    let crashes = 1
    const complete: typeof store.complete = async (hold, response) => {
      if (crashes-- > 0) throw new Error('the process died here')
      await store.complete(hold, response)
    }
    const api = open({ idempotency: { ...store, complete } })
    const init = post(request, { 'idempotency-key': 'one-and-only' })
    expect((await api.request('/v1/runs', init)).status).toBe(500)
    expect(workflows.runs.size).toBe(1)
    // Another process meets the request once the hold of the dead one has run out.
    clock.advance(30_000)
    const other = open({ idempotency: store })
    const second = await other.request('/v1/runs', init)
    const third = await other.request('/v1/runs', init)
    expect([second.status, third.status, workflows.runs.size]).toEqual([201, 201, 1])
    const [[id] = []] = workflows.runs
    expect(await second.json()).toMatchObject({ id })
    expect(third.headers.get('idempotent-replayed')).toBe('true')
  })

  test('a signal that its run has received is not sent again after a crash', async () => {
    const store = createMemoryIdempotencyStore()
    const api = open({
      idempotency: { ...store, complete: async () => Promise.reject(new Error('died')) },
    })
    await api.request('/v1/runs', post(request))
    const [[run = ''] = []] = workflows.runs
    const init = post({ signal: 'go' }, { 'idempotency-key': 'one-and-only' })
    await api.request(`/v1/runs/${run}/signals`, init)
    const [{ id = '' } = {}] = workflows.signals
    expect(id).toMatch(/^sig_/)
    clock.advance(30_000)
    const other = open({ idempotency: store })
    const copy = await open({ idempotency: createMemoryIdempotencyStore() }).request(
      `/v1/runs/${run}/signals`,
      init,
    )
    expect([copy.status, workflows.signals.length]).toEqual([202, 2])
    journal.append({ tenant: 'acme', stream: run, kind: 'signal.received', data: { id } })
    expect((await other.request(`/v1/runs/${run}/signals`, init)).status).toBe(202)
    expect(workflows.signals).toHaveLength(2)
  })

  test('without a key every request has its effect', async () => {
    const api = open()
    await api.request('/v1/runs', post(request))
    await api.request('/v1/runs', post(request))
    expect(workflows.runs.size).toBe(2)
  })
})

describe('who may do what', () => {
  const keyWith = async (...scopes: Scope[]): Promise<Record<string, string>> => {
    const { token } = await access.createKey({ tenant: 'acme', name: 'x', scopes })
    return { authorization: `Bearer ${token}` }
  }

  test('every operation but health and deliveries needs a key with its scope', async () => {
    const rate = { perSecond: 1_000, burst: 1_000 }
    const api = open({ auth: { kind: 'keys' }, options: { rate } })
    const below = { read: undefined, run: await keyWith('read'), admin: await keyWith('run') }
    const all = await operations()
    expect(all.length).toBeGreaterThan(20)
    for (const { method, path, operationId, scope } of all) {
      const refusal = async (headers: Record<string, string>): Promise<unknown> =>
        codeOf(await api.request(urlOf(path), { method, headers }))
      if (scope === undefined) {
        expect(['health', 'ready', 'deliver', 'deliverSigned']).toContain(operationId)
        continue
      }
      expect([operationId, await refusal({})]).toEqual([
        operationId,
        [401, 'access.unauthenticated'],
      ])
      const weaker = below[scope as Scope]
      if (weaker === undefined) continue
      expect([operationId, await refusal(weaker)]).toEqual([
        operationId,
        [403, 'access.missing-scope'],
      ])
    }
    expect(new Set(all.map(({ scope }) => scope))).toEqual(
      new Set(['read', 'run', 'admin', undefined]),
    )
  })

  test('each key has its own allowance', async () => {
    const api = open({ auth: { kind: 'keys' }, options: { rate: { perSecond: 1, burst: 2 } } })
    const [one, two] = [await keyWith('read'), await keyWith('read')]
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await api.request('/v1/prices', { headers })).status
    expect([await ask(one), await ask(one), await ask(one), await ask(two)]).toEqual([
      200, 200, 429, 200,
    ])
    clock.advance(1_000)
    expect([await ask(one), await ask(one)]).toEqual([200, 429])
  })
})

describe('the document', () => {
  test('names every body, resolves every reference, and is OpenAPI 3.1', async () => {
    const document = (await (await open().request('/openapi.json')).json()) as JsonObject
    expect(document['openapi']).toBe('3.1.0')
    const { components } = document
    const schemas =
      isJsonObject(components) && isJsonObject(components['schemas']) ? components['schemas'] : {}
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, to]) => to,
    )
    for (const to of references) {
      expect(to).toMatch(/^#\/components\/schemas\//)
      expect(Object.keys(schemas)).toContain(to?.slice('#/components/schemas/'.length))
    }
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining([
        'Run',
        'RunRequest',
        'Quote',
        'ProblemDocument',
        'MicroFtns',
        'EventPage',
        'IssuedApiKey',
      ]),
    )
    expect(JSON.stringify(document)).not.toMatch(/__schema|\$defs/)
    const contents = [
      ...JSON.stringify(document['paths']).matchAll(/"application\/json":(\{[^}]*\}\})/g),
    ]
    expect(contents.length).toBeGreaterThan(25)
    for (const [, content = ''] of contents) expect(content).toMatch(/^\{"schema":\{"\$ref"/)
  })

  test('gives parameters their places and bounds', async () => {
    const document = (await (await open().request('/openapi.json')).json()) as {
      paths: Record<
        string,
        { get?: { parameters: JsonObject[] }; post?: { parameters: JsonObject[] } }
      >
    }
    expect(document.paths['/v1/runs']?.get?.parameters).toContainEqual(
      expect.objectContaining({
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      }),
    )
    expect(document.paths['/v1/runs/{id}']?.get?.parameters).toContainEqual(
      expect.objectContaining({ name: 'id', in: 'path', required: true }),
    )
    expect(document.paths['/v1/runs']?.post?.parameters).toContainEqual(
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: false }),
    )
  })

  test('is shown by a page that loads nothing from elsewhere', async () => {
    const api = open()
    const page = await api.request('/docs')
    expect(page.headers.get('content-type')).toContain('text/html')
    const policy = page.headers.get('content-security-policy')
    expect(policy).toMatch(/default-src 'none'.*connect-src 'self'/)
    expect(policy).not.toMatch(/https?:|\*/)
    expect(await (await api.request('/docs/start.js')).text()).toContain('validatorUrl: null')
    expect((await api.request('/docs/swagger-ui.css')).headers.get('content-type')).toContain(
      'text/css',
    )
    for (const name of ['package.json', 'index.html', 'constructor', '..%2fpackage.json']) {
      expect((await api.request(`/docs/${name}`)).status).toBe(404)
    }
  })
})

describe('every response', () => {
  test('has an id, is kept nowhere and is no page', async () => {
    const api = open()
    for (const path of ['/v1/prices', '/v1/nothing', '/v1/runs/run_1', '/openapi.json']) {
      const { headers } = await api.request(path)
      expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('keeps the client’s id for the request when it has a sane form', async () => {
    const idFor = async (given: string): Promise<string | null> =>
      (await open().request('/v1/prices', { headers: { 'x-request-id': given } })).headers.get(
        'x-request-id',
      )
    expect(await idFor('trace-12345')).toBe('trace-12345')
    expect(await idFor('short')).toMatch(/^req_/)
    expect(await idFor('with spaces and more')).toMatch(/^req_/)
  })

  test('is logged with its duration and who asked, without bodies and queries', async () => {
    const api = open()
    await api.request('/v1/runs?name=secret-name', post({ definition: { secret: 'hidden' } }))
    expect(lines).toEqual([
      {
        event: 'api.request',
        fields: {
          request: expect.any(String),
          method: 'POST',
          route: '/v1/runs',
          status: 201,
          ms: 0,
          tenant: 'acme',
          key: 'local',
        },
      },
    ])
  })

  test('tells nothing of a bug but an id, under which the log has the fault', async () => {
    const fault = new TypeError('secret: undefined is not a function')
    const api = open({ workflows: { ...workflows, getRun: () => Promise.reject(fault) } })
    const response = await api.request('/v1/runs/run_1')
    const text = await response.text()
    const request = response.headers.get('x-request-id')
    expect([response.status, text.includes('secret')]).toEqual([500, false])
    expect(JSON.parse(text)).toMatchObject({
      code: 'internal.fault',
      instance: `urn:prsm:request:${request}`,
    })
    expect(lines).toContainEqual({ event: 'api.fault', fault, fields: { request, status: 500 } })
  })

  test('lets pages of other origins in only where they are listed', async () => {
    const api = open({ options: { corsOrigins: ['https://app.example'] } })
    const preflight = (origin: string): Response | Promise<Response> =>
      api.request('/v1/runs', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const allowed = await preflight('https://app.example')
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://app.example',
    ])
    expect(
      (await preflight('https://evil.example')).headers.get('access-control-allow-origin'),
    ).toBeNull()
    expect(await codeOf(await open().request('/v1/runs', { method: 'OPTIONS' }))).toEqual([
      405,
      'api.method-not-allowed',
    ])
  })
})

describe('requests', () => {
  test('a definition that came as JSON has problems without lines', async () => {
    const response = await open().request('/v1/workflows/validate', post({ definition: { a: 1 } }))
    expect(await response.json()).toEqual({
      valid: false,
      problems: [{ code: 'workflow.syntax', message: '{"a":1}', path: '' }],
    })
    const asText = await open().request('/v1/workflows/validate', post({ text: 'a: 1' }))
    expect(await asText.json()).toMatchObject({ problems: [{ line: 1, column: 2 }] })
    expect(
      await codeOf(
        await open().request('/v1/workflows/validate', post({ text: 'a', definition: {} })),
      ),
    ).toEqual([400, 'api.invalid-request'])
  })

  test.each([
    ['/v1/runs', { definition: {}, budget: '-1' }],
    ['/v1/runs', { definition: {}, budget: 12 }],
    ['/v1/runs', { definition: 'text' }],
    ['/v1/runs/run_1/signals', { signal: 'a\u0000b' }],
    ['/v1/runs/run_1/signals', { signal: 'x', index: -1 }],
    ['/v1/runs/run_1/cancel', { reason: 'x', more: 1 }],
    ['/v1/keys', { name: '', scopes: ['run'] }],
    ['/v1/keys', { name: 'x', scopes: ['root'] }],
  ])('%s refuses %j', async (path, body) => {
    expect(await codeOf(await open().request(path, post(body)))).toEqual([
      400,
      'api.invalid-request',
    ])
  })

  test.each([
    '/v1/runs/run_1/events?after=-1',
    '/v1/runs/run_1/events?after=2147483648',
    '/v1/events?limit=0',
    '/v1/transfers?cursor=e30',
    '/v1/keys?cursor=IlwwIg',
  ])('%s is refused', async (path) => {
    const response = await open().request(path)
    expect(response.status).toBe(400)
  })

  test('steering needs no body', async () => {
    const api = open()
    await api.request('/v1/runs', post({ definition: {} }))
    const [[run = ''] = []] = workflows.runs
    for (const action of ['cancel', 'pause', 'resume']) {
      expect((await api.request(`/v1/runs/${run}/${action}`, { method: 'POST' })).status).toBe(202)
    }
  })

  test('a body that is not UTF-8', async () => {
    const body = new Uint8Array([0x22, 0xff, 0x22])
    const init = { ...post(null), body }
    expect(await codeOf(await open().request('/v1/runs', init))).toEqual([
      400,
      'api.malformed-json',
    ])
  })
})

describe('readiness', () => {
  test('says no when the database does not answer, in time or at all', async () => {
    const away = open({ ping: () => Promise.reject(new Error('away')) })
    expect(await codeOf(await away.request('/v1/ready'))).toEqual([503, 'api.not-ready'])
    const slow = open({ ping: () => new Promise(() => undefined) })
    const asked = slow.request('/v1/ready')
    await turn()
    clock.advance(2_000)
    expect(await codeOf(await asked)).toEqual([503, 'api.not-ready'])
    expect(clock.pending).toBe(0)
  })

  test('says no while the server closes; it lives all the same', async () => {
    const closing = AbortSignal.abort()
    const api = open({ closing })
    expect(await codeOf(await api.request('/v1/ready'))).toEqual([503, 'api.not-ready'])
    expect((await api.request('/v1/health')).status).toBe(200)
    expect(await codeOf(await api.request('/v1/events', stream))).toEqual([503, 'api.not-ready'])
  })
})

describe('streams', () => {
  test('are refused beyond the limit, and counted until they are left', async () => {
    const api = open({ options: { maxStreams: 2 } })
    const [one] = [await api.request('/v1/events', stream), await api.request('/v1/events', stream)]
    const refused = await api.request('/v1/events', stream)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await codeOf(refused)).toEqual([503, 'api.too-many-streams'])
    await one?.body?.cancel()
    expect((await api.request('/v1/events', stream)).status).toBe(200)
  })

  test('live on heartbeats while nothing happens', async () => {
    const api = open({ options: { heartbeatMs: 1_000 } })
    const reader = (await api.request('/v1/events', stream)).body?.getReader()
    const next = async (): Promise<string> =>
      new TextDecoder().decode((await reader?.read())?.value)
    expect(await next()).toBe('retry: 1000\n\n')
    const beat = next()
    await turn()
    clock.advance(1_000)
    expect(await beat).toBe(':\n\n')
    journal.append({ tenant: 'acme', stream: 'run_1', kind: 'run.created' })
    expect(await next()).toMatch(/^id: 1\ndata: \{"seq":1,/)
    await reader?.cancel()
    await turn()
    expect(journal.followers).toBe(0)
    expect(lines.at(-1)).toMatchObject({ event: 'api.stream-ended', fields: { ms: 1_000 } })
  })

  test('end with a hint when the journal fails, which is logged', async () => {
    const response = await open().request('/v1/events', stream)
    const reading = response.text()
    await turn()
    journal.fail(new Error('away'))
    expect(await reading).toBe('retry: 1000\n\nretry: 3000\n\n')
    expect(lines.some(({ event }) => event === 'api.stream-failed')).toBe(true)
  })

  test('are answered with a page where only the head is asked for', async () => {
    const response = await open({ options: { maxStreams: 0 } }).request('/v1/events', {
      ...stream,
      method: 'HEAD',
    })
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json',
    ])
  })
})
