import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { realBreakers } from '../../../../test/support/guards.ts'
import { openTestPlatform, type TestPlatform } from '../../../../test/support/platform.ts'
import type { Json } from '../../../kernel/json.ts'
import { systemClock } from '../../../platform/clock.ts'
import {
  GarbledResponseError,
  HttpTimeoutError,
  NetworkError,
  PrivateAddressError,
  ResponseTooLargeError,
  TooManyRedirectsError,
} from '../../../platform/http/errors.ts'
import { createHttpClient } from '../../../platform/http/http-client.ts'
import { StepTimeoutError } from '../../errors.ts'
import { judgeFault } from '../../retry.ts'
import { faultOf, runKind, runOneStep } from '../code/testing.ts'

import { HttpStatusError } from './errors.ts'
import { judgeHttpFault } from './judge-http.ts'
import { createHttpKind } from './kind-http.ts'

const client = createHttpClient({ clock: systemClock, allowPrivate: ['127.0.0.1'] })
const kind = createHttpKind({ client, breakers: realBreakers() })
const servers: Server[] = []
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await client.close()
})
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const output = async (parameters: Json): Promise<Json> => (await runKind(kind, parameters)).output

describe('a fault of a request', () => {
  const url = 'https://a.example/x'
  const answered = (status: number): HttpStatusError =>
    new HttpStatusError({ method: 'GET', url, status, excerpt: '', retryAfterMs: 0 })
  const lost = (isTransient: boolean): NetworkError =>
    new NetworkError(url, 'gone', { cause: undefined, isTransient })

  test.each([
    ['ill', [answered(500), answered(503), lost(true), new HttpTimeoutError(url, 1)]],
    ['ill', [new StepTimeoutError('a', 1)]],
    ['answered', [answered(404), answered(429), answered(501), lost(false)]],
    ['answered', [new GarbledResponseError(url, 'is no JSON'), new ResponseTooLargeError(url, 1)]],
    ['answered', [new TooManyRedirectsError(url, 'to nowhere')]],
    ['unknown', [new PrivateAddressError('a.example', '10.0.0.1'), new Error('ours'), 'left']],
  ] as const)('says of its host: %s', (verdict, faults) => {
    expect([...new Set(faults.map(judgeHttpFault))]).toEqual([verdict])
  })
})

describe('an http step', () => {
  test('gives status, headers and body, and sends its key with what changes something', async () => {
    let seen: IncomingMessage | undefined
    const url = await serve((request, response) => {
      seen = request
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' })
      response.end('{"ok":true}')
    })
    const given = await output({ url, method: 'POST', body: { a: 1 }, headers: { 'X-Key': 'k' } })
    expect(given).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { ok: true },
    })
    expect(given).not.toHaveProperty('headers.set-cookie')
    expect(seen?.headers).toMatchObject({
      'idempotency-key': 'run_test/step',
      'x-key': 'k',
      'content-type': 'application/json',
    })
  })

  test.each([
    [400, false, 0],
    [404, false, 0],
    [408, true, 0],
    [425, true, 0],
    [429, true, 2_000],
    [500, true, 0],
    [503, true, 2_000],
  ])('fails with status %i, transient: %s, to wait %i ms', async (status, isTransient, waitMs) => {
    const url = await serve((_request, response) => {
      response.writeHead(status, {
        'content-type': 'text/plain',
        ...(waitMs > 0 && { 'retry-after': String(waitMs / 1_000) }),
      })
      response.end('because')
    })
    const fault = await faultOf(output({ url: `${url}/p?token=geheim` }))
    expect(fault).toMatchObject({
      code: 'http.status',
      message: `GET ${url}/p answered ${status}: because`,
      details: { status },
    })
    expect(judgeFault(fault)).toEqual({ isTransient, retryAfterMs: waitMs })
  })

  test('takes the statuses it expects, and then only those', async () => {
    const url = await serve((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { location: '/200' }).end()
    })
    expect(await output({ url: `${url}/404`, expectStatus: [200, 404] })).toMatchObject({
      status: 404,
      body: null,
    })
    expect(await output({ url: `${url}/302`, expectStatus: 302 })).toMatchObject({ status: 302 })
    expect(await faultOf(output({ url: `${url}/200`, expectStatus: 201 }))).toMatchObject({
      code: 'http.status',
    })
    expect(await output({ url: `${url}/302` })).toMatchObject({ status: 200 })
    expect(await output({ url: `${url}/204`, parse: 'json' })).toMatchObject({ body: null })
  })

  test('fails with garbage where JSON was promised', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>')
    })
    expect(await faultOf(output({ url }))).toMatchObject({ code: 'http.garbage' })
    expect(await output({ url, parse: 'text' })).toMatchObject({ body: '<html>' })
  })

  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'http.private-address'],
    ['http://[fd00:ec2::254]/', 'http.private-address'],
    ['http://10.0.0.1:8080/', 'http.private-address'],
    ['file:///etc/passwd', 'http.scheme'],
    ['https://user:pass@example.test/', 'http.invalid-url'],
    ['example.test', 'http.invalid-url'],
  ])('refuses %s as %s', async (url, code) => {
    expect(await faultOf(output({ url, query: { a: 1 } }))).toMatchObject({ code })
  })
})

describe('a workflow with an http step', () => {
  let platform: TestPlatform
  beforeAll(async () => {
    platform = await openTestPlatform({
      role: { worker: 'all', kinds: [kind] },
      surroundings: { secrets: (name) => (name === 'TOKEN' ? 'geheim-123' : undefined) },
    })
  })
  afterAll(() => platform.drop())

  test('sends a secret that is never recorded, and tries again until the server is well', async () => {
    const seen: IncomingMessage[] = []
    const url = await serve((request, response) => {
      seen.push(request)
      const isWell = seen.length > 1
      response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ echo: request.headers.authorization }))
    })
    const step = {
      uses: 'http',
      with: { url, method: 'POST', headers: { authorization: { $secret: 'TOKEN' } } },
      retry: { max: 2, initial: '10ms' },
    }
    const { record, output: given } = await runOneStep(platform.workflows, step, {
      secrets: ['TOKEN'],
    })
    expect(record.status).toBe('completed')
    expect(given).toMatchObject({ status: 200, body: { echo: '[secret]' } })
    expect(seen.map(({ headers }) => headers['authorization'])).toEqual([
      'geheim-123',
      'geheim-123',
    ])
    const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']))
    expect([...keys]).toEqual([`${record.id}/work`])
    const events = JSON.stringify(await platform.workflows.listEvents('default', record.id))
    expect(events).not.toContain('geheim')
  })

  test('is refused a private address', async () => {
    const { record } = await runOneStep(platform.workflows, {
      uses: 'http',
      with: { url: 'http://localhost:8123/' },
    })
    expect(record).toMatchObject({ status: 'failed', error: { code: 'http.private-address' } })
  })
})
