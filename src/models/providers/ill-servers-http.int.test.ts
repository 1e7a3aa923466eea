import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, describe, expect, test } from 'vitest'

import { realGuards } from '../../../test/support/guards.ts'
import { toErrorRecord } from '../../kernel/errors.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Models, ModelsDeps } from '../models.ts'
import { readFixtures } from '../recordings/testing.ts'
import { faultOf, user } from '../testing.ts'

import type { ProviderConfig, ProviderRetries } from './schema.ts'
import { createLoopbackModels, LOOPBACK_KEY } from './testing.ts'

const modelsAt = (url: string, retries?: ProviderRetries, deps?: Partial<ModelsDeps>): Models =>
  createLoopbackModels(url, { clock: systemClock, createGuards: realGuards() }, retries, deps)

describe('a server that misbehaves', () => {
  const servers: Server[] = []
  const serve = async (listener: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(listener)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })
  const ask = { model: 'local:m', messages: [user('hello')] }

  test('by not being there is a transient failure', async () => {
    const fault = await faultOf(modelsAt('http://127.0.0.1:9').generate(ask))
    expect(fault).toMatchObject({
      code: 'models.provider-failed',
      isTransient: true,
      status: undefined,
    })
  })

  test('by never answering is a timeout, and its socket is closed', async () => {
    let isClosed = false
    const url = await serve((request) => request.socket.on('close', () => (isClosed = true)))
    const fault = await faultOf(modelsAt(url).generate({ ...ask, timeoutMs: 100 }))
    expect(fault).toMatchObject({ code: 'models.timeout' })
    await expect.poll(() => isClosed).toBe(true)
  })

  test('by closing in the middle of a body is tried again', async () => {
    let calls = 0
    const good = readFixtures().get('local-chat')?.responses[0]?.body
    const url = await serve((_request, response) => {
      calls += 1
      response.writeHead(200, { 'content-type': 'application/json' })
      if (calls > 1 && good !== undefined && 'json' in good) response.end(JSON.stringify(good.json))
      else response.write('{"choices":', () => response.destroy())
    })
    const { text, attempts } = await modelsAt(url).generate(ask)
    expect([text, attempts]).toEqual(['Hello there.', 2])
  })

  test('by a body without end is garbage', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void =>
        void (response.write(' '.repeat(1 << 20))
          ? setImmediate(more)
          : response.once('drain', more))
      more()
    })
    expect(await faultOf(modelsAt(url).generate(ask))).toMatchObject({ code: 'models.garbage' })
  })

  test('again and again is left alone by the breaker', async () => {
    let calls = 0
    const url = await serve((_request, response) => {
      calls += 1
      response.writeHead(503).end()
    })
    const models = modelsAt(url, { maxRetries: 0, breaker: { leastCalls: 2 } })
    const codes: unknown[] = []
    for (let call = 0; call < 4; call++) {
      // oxlint-disable-next-line no-await-in-loop -- the breaker counts them
      codes.push(await faultOf(models.generate(ask)))
    }
    expect(codes.map((fault) => (fault as { code: string }).code)).toEqual([
      'models.provider-failed',
      'models.provider-failed',
      'models.circuit-open',
      'models.circuit-open',
    ])
    expect(calls).toBe(2)
  })

  test('by naming an unknown model, or refusing the key, says what to check', async () => {
    const url = await serve((request, response) => {
      request.resume()
      const isKeyless = request.headers.authorization === undefined
      const error = {
        message: `Incorrect API key provided: ${LOOPBACK_KEY}`,
        type: 'invalid_request_error',
      }
      response.writeHead(isKeyless ? 404 : 401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error }))
    })
    const rejected = await faultOf(modelsAt(url).generate(ask))
    expect(rejected).toMatchObject({ code: 'models.key-rejected', hint: /LOCAL_KEY/ })
    expect(JSON.stringify(toErrorRecord(rejected))).not.toContain(LOOPBACK_KEY)
    const keyless: ProviderConfig = {
      kind: 'openai-compatible',
      name: 'free',
      baseUrl: `${url}/v1`,
    }
    const models = modelsAt(url, {}, { providers: [keyless] })
    expect(await faultOf(models.generate({ ...ask, model: 'free:nothing' }))).toMatchObject({
      code: 'models.unknown-model',
    })
  })
})
