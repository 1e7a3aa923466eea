import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  openTestPlatform,
  realSurroundings,
  type TestPlatform,
} from '../../test/support/platform.ts'
import { ACCESS_MIGRATIONS, createAccess, createSqlKeyStore, type Scope } from '../access/index.ts'
import {
  API_MIGRATIONS,
  type ApiDeps,
  type ApiOptions,
  createFolderRunFiles,
  createSqlIdempotencyStore,
} from '../api/index.ts'
import { type Client, createClient, type Event, OPERATIONS } from '../client/index.ts'
import { createIds } from '../kernel/ids.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { toMicroFtns } from '../kernel/money.ts'
import { migrate } from '../platform/sql/migrate.ts'
import { defineStepKind } from '../workflow/index.ts'

import { MIGRATIONS } from './database.ts'
import { type Server, startServer } from './server.ts'

const gates = new Map<string, () => void>()

/** Waits until the test opens its gate. */
const gate = defineStepKind({
  name: 'gate',
  summary: 'For tests.',
  with: z.strictObject({ name: z.string() }),
  async run({ name }, task) {
    await new Promise<void>((resolve, reject) => {
      gates.set(name, resolve)
      task.signal.addEventListener('abort', () => reject(task.signal.reason))
    })
    return { output: name }
  },
})

/** Writes a file into the folder of its run, and costs something. */
const write = defineStepKind({
  name: 'write',
  summary: 'For tests.',
  with: z.strictObject({ path: z.string(), text: z.string() }),
  bound: () => [tokens],
  expect: () => [tokens],
  async run({ path, text }, task) {
    await writeFile(join(await task.folder(), path), text)
    return { output: path, usage: [tokens] }
  },
})
const tokens = {
  resource: 'model_inference_tokens',
  model: 'builtin:x',
  inputTokens: 1_000,
  outputTokens: 0,
} as const

const flow = (steps: Record<string, Json>, head: JsonObject = {}): JsonObject => ({
  apiVersion: 'prsm/v1',
  name: 'test',
  ...head,
  steps,
})
const report = flow({
  one: { uses: 'write', with: { path: 'report.md', text: '# Report' } },
  two: { uses: 'transform', with: { value: '{% $steps.one.output %}' } },
})

let platform: TestPlatform
let deps: Omit<ApiDeps, 'auth' | 'closing'>
let server: Server
let adminToken = ''
let admin: Client
const servers: Server[] = []
/** Followers of the journal that the servers have begun. */
let follows = 0
/** Streams that the servers have seen the end of. */
let endedStreams = 0

const FAST = { rate: { perSecond: 10_000, burst: 10_000 } }
const serve = async (options: ApiOptions = FAST, port = 0): Promise<Server> => {
  const started = await startServer({ api: { ...deps, options }, host: '127.0.0.1', port })
  servers.push(started)
  return started
}
const connect = (apiKey: string | undefined = adminToken, to: Server = server): Client =>
  createClient({ baseUrl: to.url, apiKey })
const keyWith = async (...scopes: Scope[]): Promise<string> =>
  (await admin.createKey({ name: scopes.join(' '), scopes })).token
const send = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, {
    ...init,
    headers: { authorization: `Bearer ${adminToken}`, ...init.headers },
  })
const post = (
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> =>
  send(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
const allOf = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}
const opened = (name: string): Promise<void> =>
  expect.poll(() => gates.has(name), { timeout: 60_000, interval: 5 }).toBe(true)

beforeAll(async () => {
  platform = await openTestPlatform({ role: { worker: 'all', kinds: [gate, write] } })
  const { database } = platform.database
  await migrate(database, [...new Set([...MIGRATIONS, ...ACCESS_MIGRATIONS, ...API_MIGRATIONS])])
  const { clock, random } = realSurroundings()
  const log = {
    ...silentLog,
    info: (event: string) => void (endedStreams += event === 'api.stream-ended' ? 1 : 0),
  }
  const ids = createIds({ clock, random })
  deps = {
    ...platform,
    journal: {
      read: (range, limit) => platform.journal.read(range, limit),
      follow(range, signal) {
        follows += 1
        return platform.journal.follow(range, signal)
      },
    },
    access: createAccess({ store: createSqlKeyStore(database), clock, ids, random }),
    runFiles: createFolderRunFiles((run) => platform.folderOf(run)),
    idempotency: createSqlIdempotencyStore(database),
    ping: () => database.query({ text: 'select 1' }),
    clock,
    ids,
    log,
    version: '0.1.0',
  }
  adminToken = (await deps.access.firstKey('default'))?.token ?? ''
  server = await serve()
  admin = connect()
})
afterAll(async () => {
  await Promise.all(servers.map((each) => each.close(0)))
  await platform.drop()
})

describe('the way of a run', () => {
  test('a key, a check, a quote, a run, its events, files and money', async () => {
    const client = connect(await keyWith('run'))
    expect(await client.validate({ definition: report })).toEqual({ valid: true, problems: [] })
    const quote = await client.quote({ definition: report })
    expect(quote.expected).toBeGreaterThan(0n)
    const before = await client.wallet()

    const run = await client.createRun({ definition: report })
    const events = await allOf(client.watchRun(run.id))
    expect(events.map(({ kind }) => kind)).toEqual([
      'run.created',
      'run.started',
      'step.started',
      'step.completed',
      'step.started',
      'step.completed',
      'run.completed',
    ])
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7])

    const ended = await client.getRun(run.id)
    expect(ended).toMatchObject({ status: 'completed', cost: quote.expected })
    expect(await client.getDefinition(run.id)).toEqual(report)
    const after = await client.wallet()
    expect(after.available).toBe(before.available - ended.cost)
    expect(after.held).toBe(0n)
    const [transfer] = (await client.transfers({ limit: 1 }).page()).items
    expect(transfer).toMatchObject({ amount: ended.cost, reason: 'charge' })

    expect(await allOf(client.listFiles(run.id))).toMatchObject([
      { path: 'report.md', sizeBytes: 8 },
    ])
    const file = await client.downloadFile(run.id, 'report.md')
    expect([file.contentType, file.sizeBytes]).toEqual(['text/markdown; charset=utf-8', 8])
    expect(await new Response(file.body).text()).toBe('# Report')
  })

  test('lists page by page, by name and by state', async () => {
    const named = flow({ a: { uses: 'transform', with: { value: 1 } } }, { name: 'paged' })
    const made = []
    for (let n = 0; n < 5; n++) made.push((await admin.createRun({ definition: named })).id)
    for (const id of made) await allOf(admin.watchRun(id))
    const pages = await allOf(admin.listRuns({ name: 'paged', limit: 2 }).pages())
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1])
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(made.toReversed())
    expect(await allOf(admin.listRuns({ name: 'paged', status: 'failed' }))).toEqual([])
    const [first = ''] = made
    const events = await allOf(admin.listEvents(first, { limit: 2 }).pages())
    expect(events.map(({ items }) => items.map(({ version }) => version))).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ])
    expect(events.map(({ next }) => next)).toEqual(['2', '4', undefined])
  })

  test('is steered: paused, resumed, signalled and cancelled', async () => {
    const waiting = flow({
      ask: { uses: 'wait', with: { signal: 'answer' } },
      hold: { uses: 'wait', with: { signal: 'never' }, needs: 'ask' },
    })
    const { id } = await admin.createRun({ definition: waiting })
    const status = async (): Promise<string> => (await admin.getRun(id)).status
    await admin.pause(id)
    await expect.poll(status).toBe('paused')
    await admin.resume(id, { budget: toMicroFtns(5n) })
    await admin.signal(id, { signal: 'answer', payload: { yes: true } })
    await expect
      .poll(async () => (await allOf(admin.listEvents(id))).map(({ kind }) => kind))
      .toContain('signal.received')
    await admin.cancel(id, { reason: 'enough' })
    const events = await allOf(admin.watchRun(id))
    expect(events.at(-1)?.kind).toBe('run.cancelled')
    expect(events.find(({ kind }) => kind === 'run.cancelling')?.data).toMatchObject({
      by: expect.stringMatching(/^key_/),
      reason: 'enough',
    })
    await expect(admin.pause(id)).rejects.toMatchObject({
      status: 409,
      code: 'workflow.not-possible',
    })
  })

  test('other tenants see nothing of it', async () => {
    const { id } = await admin.createRun({ definition: report })
    const issued = await deps.access.createKey({ tenant: 'other', name: 'x', scopes: ['admin'] })
    const other = connect(issued.token)
    await expect(other.getRun(id)).rejects.toMatchObject({ status: 404 })
    await expect(allOf(other.watchRun(id))).rejects.toMatchObject({ code: 'workflow.unknown-run' })
    await expect(other.listFiles(id).page()).rejects.toMatchObject({ status: 404 })
    await expect(other.cancel(id)).rejects.toMatchObject({ status: 404 })
    expect(await allOf(other.listRuns())).toEqual([])
    expect(await allOf(other.listJournal())).toEqual([])
    expect(await other.wallet()).toMatchObject({ available: 0n, account: 'other:wallet' })
    await allOf(admin.watchRun(id))
  })
})

describe('watching', () => {
  test('goes on behind the last event after a broken connection', async () => {
    const definition = flow({
      one: { uses: 'gate', with: { name: 'reconnect' } },
      two: { uses: 'transform', with: { value: 1 }, needs: 'one' },
    })
    let connections = 0
    const breaking = createClient({
      baseUrl: server.url,
      apiKey: adminToken,
      backoff: { initialMs: 5, maxMs: 20 },
      async fetch(url, init) {
        const response = await fetch(url, init)
        if (!url.includes('/events')) return response
        connections += 1
        return connections < 3 ? cutAfter(response, 250) : response
      },
    })
    const { id } = await breaking.createRun({ definition })
    const seen: Event[] = []
    for await (const event of breaking.watchRun(id)) {
      seen.push(event)
      if (event.kind === 'step.started' && event.data['step'] === 'one') {
        await opened('reconnect')
        gates.get('reconnect')?.()
      }
    }
    expect(connections).toBeGreaterThanOrEqual(3)
    expect(seen.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('resumes by Last-Event-ID, and ends at once when nothing is left', async () => {
    const { id } = await admin.createRun({ definition: report })
    await allOf(admin.watchRun(id))
    const stream = async (headers: Record<string, string>): Promise<string> =>
      (
        await send(`/v1/runs/${id}/events?after=1`, {
          headers: { accept: 'text/event-stream', ...headers },
        })
      ).text()
    const text = await stream({ 'last-event-id': '5' })
    expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, n]) => n)).toEqual(['6', '7'])
    expect(text).toMatch(/event: end\ndata: {"status":"completed"}\n\n$/)
    expect(await stream({ 'last-event-id': '7' })).toBe(
      'retry: 1000\n\nevent: end\ndata: {"status":"completed"}\n\n',
    )
  })

  test('200 watchers of one run all see every event, over one follower', async () => {
    const definition = flow({
      one: { uses: 'gate', with: { name: 'crowd' } },
      two: { uses: 'transform', with: { value: 1 }, needs: 'one' },
    })
    const { id } = await admin.createRun({ definition })
    let started = 0
    const followsBefore = follows
    const watchers = Array.from({ length: 200 }, async () => {
      const kinds: string[] = []
      for await (const { kind } of admin.watchRun(id)) {
        kinds.push(kind)
        if (kind === 'step.started' && kinds.length === 3) started += 1
      }
      return kinds.length
    })
    await expect.poll(() => started).toBe(200)
    gates.get('crowd')?.()
    expect(new Set(await Promise.all(watchers))).toEqual(new Set([7]))
    expect(follows - followsBefore).toBe(1)
  })

  test('the journal of the tenant goes on until it is left', async () => {
    const leave = new AbortController()
    const { items } = await admin.listJournal({ limit: 200 }).page()
    const kinds: string[] = []
    const watching = (async () => {
      for await (const { kind } of admin.watchJournal({
        signal: leave.signal,
        after: items.at(-1)?.seq ?? 0,
      })) {
        kinds.push(kind)
        if (kind === 'run.completed') leave.abort(new Error('seen enough'))
      }
    })()
    await admin.createRun({ definition: report })
    const endedBefore = endedStreams
    await expect(watching).rejects.toThrow('seen enough')
    // The server notices that nobody reads any more.
    await expect.poll(() => endedStreams).toBe(endedBefore + 1)
    expect(kinds).toContain('step.completed')
  })
})

/** A response whose body breaks off after some bytes. */
function cutAfter(response: Response, bytes: number): Response {
  let left = bytes
  const reader = response.body?.getReader()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done || value === undefined) return controller.close()
      controller.enqueue(value.subarray(0, left))
      left -= value.length
      if (left > 0) return undefined
      await reader?.cancel()
      return controller.error(new TypeError('terminated'))
    },
  })
  return new Response(body, { status: response.status, headers: response.headers })
}

describe('one request, one effect', () => {
  const body = JSON.stringify({ definition: report })

  test('the same request again is answered as the first time', async () => {
    const first = await post('/v1/runs', body, { 'idempotency-key': 'key-number-1' })
    const second = await post('/v1/runs', body, { 'idempotency-key': 'key-number-1' })
    expect([first.status, second.status]).toEqual([201, 201])
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    const [a, b] = [await first.json(), await second.json()] as [{ id: string }, { id: string }]
    expect(b).toEqual(a)
    expect(first.headers.get('location')).toBe(`/v1/runs/${a.id}`)
    await allOf(admin.watchRun(a.id))
  })

  test('another request under the key is refused', async () => {
    await post('/v1/runs', body, { 'idempotency-key': 'key-number-2' })
    const other = await post('/v1/runs', `${body} `, { 'idempotency-key': 'key-number-2' })
    expect([other.status, await other.json()]).toMatchObject([
      422,
      { code: 'api.idempotency-mismatch' },
    ])
  })

  test('many at once begin one run', async () => {
    const named = JSON.stringify({ definition: { ...report, name: 'at-once' } })
    const all = await Promise.all(
      Array.from({ length: 10 }, () => post('/v1/runs', named, { 'idempotency-key': 'at-once-1' })),
    )
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201))
    expect(await allOf(admin.listRuns({ name: 'at-once' }))).toHaveLength(1)
  })

  test('a refused request may be corrected under the same key', async () => {
    const bad = await post('/v1/runs', '{"definition":{}}', { 'idempotency-key': 'key-number-3' })
    expect(bad.status).toBe(422)
    const good = await post('/v1/runs', body, { 'idempotency-key': 'key-number-3' })
    expect(good.status).toBe(201)
  })

  test('a new key’s token is not shown twice, and stands in no table', async () => {
    const request = JSON.stringify({ name: 'secret', scopes: ['read'] })
    const first = await post('/v1/keys', request, { 'idempotency-key': 'key-number-4' })
    const { token } = (await first.json()) as { token: string }
    const second = await post('/v1/keys', request, { 'idempotency-key': 'key-number-4' })
    expect([second.status, await second.json()]).toMatchObject([
      409,
      { code: 'api.response-not-kept' },
    ])
    const rows = await platform.database.database.query({ text: 'select * from idempotency_keys' })
    expect(
      JSON.stringify(rows, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v)),
    ).not.toContain(token.slice(-43))
  })
})

describe('refusals', () => {
  test('a wrong, missing or revoked key', async () => {
    const wrong = `${adminToken.slice(0, -2)}xx`
    for (const headers of [
      { authorization: `Bearer ${wrong}` },
      { authorization: 'Basic eDp5' },
      { authorization: '' },
    ]) {
      const response = await send('/v1/runs', { headers })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="prsm"')
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    const { key, token } = await admin.createKey({ name: 'short-lived' })
    expect(await connect(token).listRuns().page()).toBeDefined()
    expect((await admin.revokeKey(key.id)).revokedAt).toBeDefined()
    await expect(connect(token).wallet()).rejects.toMatchObject({ status: 401 })
    const listed = await allOf(admin.listKeys())
    expect(listed.find(({ id }) => id === key.id)?.revokedAt).toBeDefined()
  })

  test('a key without the scope', async () => {
    const reader = connect(await keyWith('read'))
    const runner = connect(await keyWith('run'))
    await expect(reader.createRun({ definition: report })).rejects.toMatchObject({
      status: 403,
      code: 'access.missing-scope',
      details: { needed: 'run', held: ['read'] },
    })
    await expect(runner.createKey({ name: 'more' })).rejects.toMatchObject({ status: 403 })
    await expect(runner.listKeys().page()).rejects.toMatchObject({ status: 403 })
    expect(await reader.prices()).toBeDefined()
  })

  test('what is no request', async () => {
    const problemOf = async (response: Response): Promise<unknown> => [
      response.status,
      ((await response.json()) as { code: string }).code,
    ]
    expect(await problemOf(await post('/v1/runs', '{"definition":'))).toEqual([
      400,
      'api.malformed-json',
    ])
    expect(await problemOf(await post('/v1/runs', '{"defnition":{}}'))).toEqual([
      400,
      'api.invalid-request',
    ])
    expect(
      await problemOf(await post('/v1/runs', 'definition: {}', { 'content-type': 'text/yaml' })),
    ).toEqual([415, 'api.unsupported-media-type'])
    expect(await problemOf(await send('/v1/runs', { method: 'POST' }))).toEqual([
      400,
      'api.invalid-request',
    ])
    expect(
      await problemOf(await post('/v1/runs', `{"definition":{"a":${'['.repeat(200_000)}`)),
    ).toEqual([400, 'api.too-deep'])
    expect(
      await problemOf(
        await post('/v1/runs', JSON.stringify({ definition: { a: 'x'.repeat(1_100_000) } })),
      ),
    ).toEqual([413, 'api.too-large'])
    expect(await problemOf(await send('/v1/nothing'))).toEqual([404, 'api.not-found'])
    expect(await problemOf(await send('/nothing'))).toEqual([404, 'api.not-found'])
    expect(await problemOf(await send('/v1/runs?cursor=nonsense'))).toEqual([
      400,
      'api.invalid-cursor',
    ])
    expect(await problemOf(await send('/v1/runs?limit=201'))).toEqual([400, 'api.invalid-request'])
    expect(await problemOf(await send('/v1/runs/run_nope'))).toEqual([404, 'workflow.unknown-run'])
    expect(await problemOf(await send('/v1/runs/%00'))).toEqual([400, 'api.invalid-request'])
    expect(await problemOf(await post('/v1/runs', '{}', { 'idempotency-key': 'short' }))).toEqual([
      400,
      'api.invalid-idempotency-key',
    ])
    const put = await send('/v1/runs', { method: 'PUT' })
    expect(put.headers.get('allow')).toContain('POST')
    expect(await problemOf(put)).toEqual([405, 'api.method-not-allowed'])
  })

  test('a body in pieces that does not end', async () => {
    let pieces = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1
        controller.enqueue(new Uint8Array(64 * 1024).fill(32))
      },
    })
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    }
    const response = await send('/v1/quotes', init)
    expect(response.status).toBe(413)
    expect(pieces).toBeLessThan(400)
  })

  test('every problem of a definition, with its place', async () => {
    const text = 'apiVersion: prsm/v1\nname: Bad Name\nsteps:\n  a: { uses: transfrom }\n'
    const { valid, problems } = await admin.validate({ text, file: 'bad.yaml' })
    expect(valid).toBe(false)
    expect(problems).toMatchObject([
      { file: 'bad.yaml', line: 2, path: 'name' },
      { line: 4, hint: 'did you mean "transform"?' },
    ])
    await expect(admin.createRun({ definition: { nonsense: 1 } })).rejects.toMatchObject({
      status: 422,
      code: 'workflow.invalid-definition',
    })
  })

  test('a budget beyond the wallet', async () => {
    const budget = toMicroFtns(10n ** 15n)
    await expect(admin.createRun({ definition: report, budget })).rejects.toMatchObject({
      status: 402,
      code: 'ledger.insufficient-credit',
    })
  })

  test('too many requests, until a token has come in', async () => {
    const slow = await serve({ rate: { perSecond: 0.1, burst: 3 } })
    const [a, b, c, d] = await Promise.all(
      Array.from({ length: 4 }, () =>
        fetch(`${slow.url}/v1/prices`, { headers: { authorization: `Bearer ${adminToken}` } }),
      ),
    )
    const limited = [a, b, c, d].filter((response) => response?.status === 429)
    expect(limited).toHaveLength(1)
    expect(limited[0]?.headers.get('retry-after')).toMatch(/^(9|10)$/)
    expect((await fetch(`${slow.url}/v1/health`)).status).toBe(200)
  })
})

describe('files', () => {
  test('nothing outside of the run’s folder is reachable', async () => {
    const { id } = await admin.createRun({ definition: report })
    await allOf(admin.watchRun(id))
    const folder = platform.folderOf(id)
    await writeFile(join(folder, '..', 'secret.txt'), 'secret')
    await symlink(join(folder, '..', 'secret.txt'), join(folder, 'link.txt'))
    await symlink(join(folder, '..'), join(folder, 'up'))
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    await writeFile(join(folder, 'a', 'b', 'page 1.html'), '<script>alert(1)</script>')
    expect((await allOf(admin.listFiles(id, { limit: 1 }))).map(({ path }) => path)).toEqual([
      'a/b/page 1.html',
      'report.md',
    ])
    for (const path of [
      '..%2fsecret.txt',
      '%2e%2e%2fsecret.txt',
      'link.txt',
      'up%2fsecret.txt',
      'up/secret.txt',
      'a',
      'a%5cb',
      'a%00',
      '%2fetc%2fpasswd',
    ]) {
      const response = await send(`/v1/runs/${id}/files/${path}`)
      expect([path, response.status]).toEqual([path, 404])
    }
    const page = await send(`/v1/runs/${id}/files/a/b/page%201.html`)
    expect(page.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await page.text()).toBe('<script>alert(1)</script>')
    const head = await send(`/v1/runs/${id}/files/report.md`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '8'])
  })
})

describe('the server', () => {
  test('offers what the client has methods for, under the same names', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; parameters: { name: string }[] }>>
    }
    const offered = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, parameters }]) => {
        const hasEffect = parameters.some(({ name }) => name === 'Idempotency-Key')
        return [operationId, { method: method.toUpperCase(), path, hasEffect }]
      }),
    )
    expect(Object.fromEntries(offered)).toEqual(OPERATIONS)
    expect(offered).toHaveLength(Object.keys(OPERATIONS).length)
  })

  test('lives, works, and shows what it can do without asking anyone else', async () => {
    const anonymous = connect('')
    expect(await anonymous.health()).toEqual({ status: 'ok', version: '0.1.0' })
    expect(await anonymous.ready()).toEqual({ status: 'ok', version: '0.1.0' })
    const page = await fetch(`${server.url}/docs`)
    const html = await page.text()
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(html).not.toMatch(/https?:/)
    for (const [, path = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const asset = await fetch(new URL(path, `${server.url}/docs`))
      expect([path, asset.status]).toEqual([path, 200])
      await asset.arrayBuffer()
    }
    expect((await fetch(`${server.url}/docs/package.json`)).status).toBe(404)
    expect((await admin.models()).items.map(({ name }) => name)).toContain('openai')
    expect((await admin.stepKinds()).map(({ name }) => name)).toContain('gate')
  })

  test('a port in use is named, with the remedy', async () => {
    await expect(
      startServer({ api: deps, host: '127.0.0.1', port: server.port }),
    ).rejects.toMatchObject({
      code: 'server.port-in-use',
      details: { port: server.port },
      hint: expect.stringContaining('--port'),
    })
    await expect(startServer({ api: deps, host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'server.cannot-listen',
    })
  })

  test('a server that is not there', async () => {
    const probe = createServer().listen(0)
    const address = probe.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await new Promise<void>((resolve) => void probe.close(() => resolve()))
    const client = createClient({
      baseUrl: `http://127.0.0.1:${port}`,
      attempts: 2,
      backoff: { initialMs: 1, maxMs: 1 },
    })
    await expect(client.health()).rejects.toMatchObject({ code: 'client.unreachable' })
  })

  test('closes gracefully with a stream open, and its watcher goes on with the next server', async () => {
    const { id } = await admin.createRun({
      definition: flow({ one: { uses: 'gate', with: { name: 'close' } } }),
    })
    const first = await serve()
    const client = createClient({
      baseUrl: first.url,
      apiKey: adminToken,
      backoff: { initialMs: 20, maxMs: 50 },
    })
    const seen: number[] = []
    const watching = (async () => {
      for await (const { version } of client.watchRun(id)) seen.push(version)
    })()
    await expect.poll(() => seen.length).toBe(3)
    const raw = await fetch(`${first.url}/v1/runs/${id}/events?after=3`, {
      headers: { authorization: `Bearer ${adminToken}`, accept: 'text/event-stream' },
    })
    const startedAt = performance.now()
    await Promise.all([first.close(10_000), first.close()])
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(await raw.text()).toBe('retry: 1000\n\nretry: 3000\n\n')
    const second = await serve(FAST, first.port)
    expect(second.port).toBe(first.port)
    await opened('close')
    gates.get('close')?.()
    await watching
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  test('answers what is in progress before it closes, and cuts what does not end', async () => {
    const first = await serve()
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers,
      duplex: 'half',
      body: new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array([123])),
      }),
    }
    const stuck = fetch(`${first.url}/v1/quotes`, init)
    const body = JSON.stringify({ definition: report })
    expect((await fetch(`${first.url}/v1/quotes`, { method: 'POST', headers, body })).status).toBe(
      200,
    )
    await Promise.all([expect(stuck).rejects.toThrow(TypeError), first.close(200)])
    await expect(fetch(`${first.url}/v1/health`)).rejects.toThrow(TypeError)
  })
})

test('an application in the same process needs no key and no port', async () => {
  const { createApi } = await import('../api/index.ts')
  const app = createApi({ ...deps, auth: { kind: 'trusted', tenant: 'default' } })
  const client = createClient({
    baseUrl: 'http://local',
    fetch: (url, init) => app.request(url, init),
  })
  const run = await client.createRun({ definition: report })
  const events = await allOf(client.watchRun(run.id))
  expect(events.at(-1)?.kind).toBe('run.completed')
  const file = await client.downloadFile(run.id, 'report.md')
  expect(await new Response(file.body).text()).toBe('# Report')
  const { key } = await client.createKey({ name: 'from the command line' })
  expect(key.scopes).toEqual(['run'])
})
