import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../clock.ts'

import type { Resolve } from './guarded-connector.ts'
import { createHttpClient, type HttpClient, type HttpRequest } from './http-client.ts'

const servers: Server[] = []
const clients: HttpClient[] = []
let seen: IncomingMessage[] = []

beforeEach(() => void (seen = []))
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await Promise.all(clients.map((client) => client.close()))
})

async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer((request, response) => {
    seen.push(request)
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}
function connect(allowPrivate: readonly string[], resolve?: Resolve): HttpClient {
  const client = createHttpClient({
    clock: systemClock,
    allowPrivate,
    ...(resolve !== undefined && { resolve }),
  })
  clients.push(client)
  return client
}
const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  url,
  method: 'GET',
  headers: {},
  timeoutMs: 5_000,
  maxBytes: 1_000_000,
  maxRedirects: 5,
  signal: new AbortController().signal,
  ...more,
})
const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ unexpected: value }),
    (fault: unknown) => fault,
  )
const text = (body: Uint8Array): string => new TextDecoder().decode(body)

describe('the guard', () => {
  test('refuses a loopback server unless it is allowed, in every spelling', async () => {
    const port = await serve((_request, response) => response.end('hi'))
    const hosts = [
      '127.0.0.1',
      'localhost',
      '2130706433',
      '0x7f.1',
      '017700000001',
      '127.1',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '0',
      '[::]',
      '[::1]',
    ]
    for (const host of hosts) {
      const fault = await faultOf(connect([]).send(get(`http://${host}:${port}/`)))
      expect([host, (fault as { code?: string }).code]).toEqual([host, 'http.private-address'])
    }
    expect(seen).toHaveLength(0)
    const { status, body } = await connect([`127.0.0.1:${port}`]).send(
      get(`http://2130706433:${port}/`),
    )
    expect([status, text(body)]).toEqual([200, 'hi'])
  })

  test('connects to the address it checked, whatever the name says the next time', async () => {
    const port = await serve((_request, response) => response.end('secret'))
    let asked = 0
    const rebinding: Resolve = async () => {
      asked++
      return asked === 1
        ? [{ address: '198.51.100.9', family: 4 }]
        : [{ address: '127.0.0.1', family: 4 }]
    }
    // The first answer is in the list of exceptions, so it passes; there is nobody at it.
    const client = connect(['198.51.100.0/24'], rebinding)
    const fault = await faultOf(client.send(get(`http://rebind.test:${port}/`, { timeoutMs: 500 })))
    expect(fault).not.toHaveProperty('unexpected')
    expect([asked, seen.length]).toEqual([1, 0])
  })

  test('uses only the allowed ones among several addresses', async () => {
    const port = await serve((request, response) => response.end(request.headers.host))
    const client = connect(['127.0.0.1/32'], async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ])
    const { body } = await client.send(get(`http://two.test:${port}/`))
    expect(text(body)).toBe(`two.test:${port}`)
    const refused = connect([], async () => [{ address: '10.0.0.1', family: 4 }])
    expect(await faultOf(refused.send(get('http://inside.test/')))).toMatchObject({
      code: 'http.private-address',
      details: { host: 'inside.test', address: '10.0.0.1' },
    })
  })

  test('tries the next address when the first does not answer', async () => {
    const port = await serve((_request, response) => response.end('second'))
    const client = connect(['both.test'], async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ])
    expect(text((await client.send(get(`http://both.test:${port}/`))).body)).toBe('second')
  })

  test('looks at every redirect again', async () => {
    const inner = await serve((_request, response) => response.end('metadata'))
    const outer = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${inner}/latest` }).end(),
    )
    const fault = await faultOf(
      connect([`127.0.0.1:${outer}`]).send(get(`http://127.0.0.1:${outer}/`)),
    )
    expect(fault).toMatchObject({ code: 'http.private-address' })
    expect(seen).toHaveLength(1)
  })

  test('says so when a name does not exist', async () => {
    const client = connect([], async () => [])
    expect(await faultOf(client.send(get('http://nowhere.test/')))).toMatchObject({
      code: 'http.network',
      details: { reason: 'ENOTFOUND' },
    })
  })
})

describe('a request', () => {
  test('carries its method, headers and body, and gives status, headers and body', async () => {
    const port = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        response.writeHead(201, {
          'X-Seen': `${request.method} ${String(request.headers['x-a'])} ${body}`,
          'Set-Cookie': 'session=1',
          'Retry-After': '7',
        })
        response.end('done')
      })
    })
    const response = await connect(['127.0.0.1']).send(
      get(`http://127.0.0.1:${port}/p?q=1`, { method: 'PUT', headers: { 'x-a': 'b' }, body: 'ü' }),
    )
    expect(response).toMatchObject({
      url: `http://127.0.0.1:${port}/p`,
      status: 201,
      headers: { 'x-seen': 'PUT b ü' },
      retryAfterMs: 7_000,
    })
    expect(response.headers).not.toHaveProperty('set-cookie')
    expect(seen[0]?.url).toBe('/p?q=1')
  })

  test('follows redirects up to its limit, and with none gives the redirect itself', async () => {
    const port: number = await serve((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}` }).end('not yet')
    })
    const client = connect(['127.0.0.1'])
    const at = (left: number, maxRedirects: number): HttpRequest =>
      get(`http://127.0.0.1:${port}/${left}`, { maxRedirects })
    expect(text((await client.send(at(5, 5))).body)).toBe('there')
    expect(await faultOf(client.send(at(6, 5)))).toMatchObject({ code: 'http.redirects' })
    expect(await client.send(at(1, 0))).toMatchObject({ status: 302, headers: { location: '/0' } })
  })

  test('loses its secrets on the way to another origin', async () => {
    const other = await serve((_request, response) => response.end())
    const first = await serve((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${other}/` }).end(),
    )
    const headers = {
      authorization: 'Bearer t',
      cookie: 'c=1',
      'x-api-key': 'k',
      accept: 'text/csv',
    }
    await connect(['127.0.0.1']).send(get(`http://127.0.0.1:${first}/`, { headers }))
    expect(seen[0]?.headers).toMatchObject(headers)
    expect(seen[1]?.headers).toMatchObject({ accept: 'text/csv' })
    expect(Object.keys(seen[1]?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/authorization|cookie|x-api-key/)]),
    )
  })

  test('is refused when its body grows too large, also from few compressed bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const port = await serve((request, response) => {
      if (request.url === '/bomb') {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
        return
      }
      const more = (): void =>
        void (response.write('x'.repeat(65_536))
          ? setImmediate(more)
          : response.once('drain', more))
      more()
    })
    const client = connect(['127.0.0.1'])
    expect(bomb.length).toBeLessThan(100_000)
    for (const path of ['bomb', 'endless']) {
      const fault = await faultOf(client.send(get(`http://127.0.0.1:${port}/${path}`)))
      expect(fault).toMatchObject({ code: 'http.too-large', details: { maxBytes: 1_000_000 } })
    }
  })

  test('is garbage when its body cannot be decompressed', async () => {
    const port = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
    )
    expect(
      await faultOf(connect(['127.0.0.1']).send(get(`http://127.0.0.1:${port}/`))),
    ).toMatchObject({
      code: 'http.garbage',
    })
  })

  test('that is not answered times out, also in the middle of a body', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/half') response.write('half')
    })
    const client = connect(['127.0.0.1'])
    for (const path of ['never', 'half']) {
      const request = get(`http://127.0.0.1:${port}/${path}`, { timeoutMs: 150 })
      expect(await faultOf(client.send(request))).toMatchObject({
        code: 'http.timeout',
        isTransient: true,
      })
    }
  })

  test('ends with its signal, and its connection too', async () => {
    let isClosed = false
    const port = await serve((request) => request.socket.on('close', () => (isClosed = true)))
    const controller = new AbortController()
    const fault = faultOf(
      connect(['127.0.0.1']).send(get(`http://127.0.0.1:${port}/`, { signal: controller.signal })),
    )
    await expect.poll(() => seen.length).toBe(1)
    const reason = new Error('stop')
    controller.abort(reason)
    expect(await fault).toBe(reason)
    await expect.poll(() => isClosed).toBe(true)
  })

  test('to a port where nobody listens, or that hangs up, may pass by itself', async () => {
    const hangsUp = await serve((request) => request.socket.destroy())
    const closed = await serve(() => undefined)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const client = connect(['127.0.0.1'])
    for (const port of [hangsUp, closed]) {
      const fault = await faultOf(client.send(get(`http://127.0.0.1:${port}/`)))
      expect(fault).toMatchObject({ code: 'http.network', isTransient: true })
    }
  })

  test('to a port that no browser calls stays refused', async () => {
    const fault = await faultOf(connect(['127.0.0.1']).send(get('http://127.0.0.1:25/')))
    expect(fault).toMatchObject({ code: 'http.network', isTransient: false })
  })
})
