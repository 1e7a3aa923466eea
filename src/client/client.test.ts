import { describe, expect, test } from 'vitest'

import { toMicroFtns } from '../kernel/money.ts'

import { createClient } from './client.ts'
import type { Client } from './contract.ts'
import {
  ApiError,
  InvalidArgumentError,
  UnexpectedResponseError,
  UnreachableError,
} from './errors.ts'
import { OPERATIONS, STREAMED } from './operations.ts'

interface Seen {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Headers
  readonly body: unknown
}

type Answer = Response | Error | ((signal: AbortSignal) => Promise<Response>)

/** A client whose server gives `answers` one after the other, and the last one ever after. */
function open(
  answers: readonly Answer[],
  more: Partial<Parameters<typeof createClient>[0]> = {},
): { client: Client; seen: Seen[]; pauses: number[] } {
  const seen: Seen[] = []
  const pauses: number[] = []
  const client = createClient({
    baseUrl: 'http://prsm.test/base/',
    apiKey: 'prsm_x',
    async fetch(url, { method, headers, body, signal }) {
      const answer = answers[Math.min(seen.length, answers.length - 1)]
      seen.push({ url, method, headers: new Headers(headers), body })
      if (answer instanceof Error) throw answer
      if (answer === undefined) throw new TypeError('no answer')
      return answer instanceof Response
        ? answer.clone()
        : answer(signal ?? new AbortController().signal)
    },
    pause: async (delayMs) => void pauses.push(delayMs),
    ...more,
  })
  return { client, seen, pauses }
}

const run = {
  id: 'run_1',
  tenant: 'acme',
  name: 'x',
  definition: 'sha256:0',
  status: 'running',
  createdAt: 1,
  cost: '12',
}
const json = (value: unknown, status = 200): Response => Response.json(value, { status })
const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  new Response(
    JSON.stringify({
      type: `urn:prsm:error:${code}`,
      title: 'T',
      status,
      detail: 'what is wrong',
      code,
      hint: 'a remedy',
      details: { a: 1 },
      instance: 'urn:prsm:request:1',
    }),
    { status, headers },
  )
const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
const request = { definition: { name: 'x' } }

describe('calls', () => {
  test('are built from their operation, and decoded by its schema', async () => {
    const { client, seen } = open([json(run)])
    const found = await client.createRun({ ...request, budget: toMicroFtns(5n) })
    expect(found).toMatchObject({ id: 'run_1', cost: 12n })
    expect(seen[0]).toMatchObject({
      url: 'http://prsm.test/base/v1/runs',
      method: 'POST',
      body: '{"definition":{"name":"x"},"budget":"5"}',
    })
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      accept: 'application/json',
      authorization: 'Bearer prsm_x',
      'content-type': 'application/json',
      'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test('escape what they put into a path', async () => {
    const { client, seen } = open([json(run)])
    await client.getRun('a/b?c')
    await client.downloadFile('run_1', 'a b/ü#.txt')
    expect(seen.map(({ url }) => url.slice('http://prsm.test/base'.length))).toEqual([
      '/v1/runs/a%2Fb%3Fc',
      '/v1/runs/run_1/files/a%20b/%C3%BC%23.txt',
    ])
    await expect(client.getRun('..')).rejects.toThrow(InvalidArgumentError)
    await expect(client.getRun('')).rejects.toThrow(InvalidArgumentError)
    await expect(client.downloadFile('run_1', '../x')).rejects.toThrow(InvalidArgumentError)
    expect(seen).toHaveLength(2)
  })

  test('that only look carry no key of a request; a caller’s own key is kept', async () => {
    const { client, seen } = open([json({ valid: true, problems: [] }), json(run)])
    await client.validate({ text: 'x' })
    await client.pause('run_1', { idempotencyKey: 'my-own-key' })
    expect(seen.map(({ headers }) => headers.get('idempotency-key'))).toEqual([null, 'my-own-key'])
  })

  test('with values that cannot be sent fail before they are sent', async () => {
    const { client, seen } = open([json(run)])
    await expect(client.signal('run_1', { signal: '' })).rejects.toThrow(InvalidArgumentError)
    expect(seen).toEqual([])
  })
})

describe('failures', () => {
  test('a problem document becomes an error with everything it says', async () => {
    const { client, seen } = open([problem(402, 'ledger.insufficient-credit')])
    const fault = await client.createRun(request).catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(ApiError)
    expect(fault).toMatchObject({
      status: 402,
      code: 'ledger.insufficient-credit',
      message: 'what is wrong',
      hint: 'a remedy',
      details: { a: 1 },
    })
    expect(seen).toHaveLength(1)
  })

  test('a server that is not there is named, with the innermost reason', async () => {
    const { client, seen } = open([refused])
    const fault = await client.health().catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(UnreachableError)
    expect(fault).toMatchObject({
      code: 'client.unreachable',
      message: 'PRSM is not reachable at http://prsm.test/base/: connect ECONNREFUSED',
    })
    expect(seen).toHaveLength(4)
  })

  test.each([
    [new Response('<html>bad gateway</html>', { status: 404 }), 404],
    [new Response('hello', { status: 200 }), 200],
    [json({ ...run, cost: 12 }), 200],
    [json({ ...run, status: 'dreaming' }), 200],
  ])('an answer that is not one of PRSM', async (answer, status) => {
    const fault = await open([answer])
      .client.getRun('run_1')
      .catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(UnexpectedResponseError)
    expect(fault).toMatchObject({ code: 'client.unexpected-response', status })
  })
})

describe('retries', () => {
  test('carry one key, whatever the reason, until the call succeeds', async () => {
    const html = new Response('<html>', { status: 502 })
    const { client, seen, pauses } = open([
      refused,
      html,
      problem(409, 'api.in-progress'),
      json(run),
    ])
    expect(await client.createRun(request)).toMatchObject({ id: 'run_1' })
    expect(new Set(seen.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1)
    expect(seen).toHaveLength(4)
    for (const [index, delayMs] of pauses.entries())
      expect(delayMs).toBeLessThanOrEqual(200 * 2 ** index)
  })

  test('wait as long as the server asks, unless that is very long', async () => {
    const soon = open([problem(429, 'api.too-many-requests', { 'retry-after': '2' }), json(run)])
    await soon.client.getRun('run_1')
    expect(soon.pauses).toEqual([2_000])
    const late = open([problem(503, 'api.not-ready', { 'retry-after': '3600' }), json(run)])
    await expect(late.client.getRun('run_1')).rejects.toMatchObject({ retryAfterMs: 3_600_000 })
  })

  test.each([400, 401, 403, 404, 409, 422, 500])('a %i is not tried again', async (status) => {
    const { client, seen } = open([problem(status, 'some.code')])
    await expect(client.createRun(request)).rejects.toMatchObject({ status })
    expect(seen).toHaveLength(1)
  })

  test('end when the caller leaves', async () => {
    const leave = new AbortController()
    const hang = (signal: AbortSignal): Promise<Response> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        setImmediate(() => leave.abort(new Error('left')))
      })
    const { client, seen } = open([hang])
    await expect(client.createRun(request, { signal: leave.signal })).rejects.toThrow('left')
    expect(seen).toHaveLength(1)
  })

  test('a try that takes too long is given up', async () => {
    const hang = (signal: AbortSignal): Promise<Response> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    const { client, seen } = open([hang, json(run)], { timeoutMs: 5 })
    expect(await client.getRun('run_1')).toMatchObject({ id: 'run_1' })
    expect(seen).toHaveLength(2)
  })
})

describe('lists', () => {
  test('are read as far as they are wanted', async () => {
    const pages = [
      json({ items: [run, run], next: 'two' }),
      json({ items: [run], next: 'three' }),
      json({ items: [] }),
    ]
    const partly = open(pages)
    for await (const each of partly.client.listRuns({ status: 'running', limit: 2 })) {
      expect(each.cost).toBe(12n)
      break
    }
    expect(partly.seen.map(({ url }) => new URL(url).search)).toEqual(['?status=running&limit=2'])
    const wholly = open(pages)
    let count = 0
    for await (const each of wholly.client.listRuns()) count += each.cost === 12n ? 1 : 0
    expect([count, wholly.seen.length]).toEqual([3, 3])
    expect(new URL(wholly.seen[2]?.url ?? '').search).toBe('?cursor=three')
    expect(await open(pages).client.listRuns().page('x')).toMatchObject({ next: 'two' })
  })
})

describe('watching', () => {
  const event = (version: number, kind = 'step.started'): string =>
    `id: ${version}\ndata: ${JSON.stringify({ seq: version, stream: 'run_1', version, kind, at: 1, data: {} })}\n\n`
  const END = 'event: end\ndata: {"status":"completed"}\n\n'
  const watchAll = async (client: Client, after = 0): Promise<number[]> => {
    const seen: number[] = []
    for await (const { version } of client.watchRun('run_1', { after })) seen.push(version)
    return seen
  }

  test('goes on behind the last event whenever the stream breaks or the server is away', async () => {
    let isFirst = true
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        const text = `retry: 50\n\n${event(3)}id: 4\nda`
        if (isFirst) controller.enqueue(new TextEncoder().encode(text))
        else controller.error(new TypeError('terminated'))
        isFirst = false
      },
    })
    const { client, seen, pauses } = open([
      new Response(event(2)),
      refused,
      async () => new Response(broken),
      problem(503, 'api.not-ready', { 'retry-after': '1' }),
      new Response(event(4) + END),
    ])
    expect(await watchAll(client, 1)).toEqual([2, 3, 4])
    expect(seen.map(({ url }) => new URL(url).searchParams.get('after'))).toEqual([
      '1',
      '2',
      '2',
      '3',
      '3',
    ])
    expect(pauses.at(-1)).toBe(1_000)
    expect(seen[0]?.headers.get('accept')).toBe('text/event-stream')
  })

  test('fails at once when the server refuses', async () => {
    const { client, seen } = open([problem(404, 'workflow.unknown-run')])
    await expect(watchAll(client)).rejects.toMatchObject({ code: 'workflow.unknown-run' })
    expect(seen).toHaveLength(1)
  })

  test('gives up after ten tries that brought nothing', async () => {
    const { client, seen } = open([new Response('retry: 1000\n\n')])
    await expect(watchAll(client)).rejects.toMatchObject({ code: 'client.unreachable' })
    expect(seen).toHaveLength(11)
    const away = open([refused])
    await expect(watchAll(away.client)).rejects.toMatchObject({ code: 'client.unreachable' })
  })

  test('refuses what is no event', async () => {
    await expect(
      watchAll(open([new Response('id: 1\ndata: {"no":"event"}\n\n')]).client),
    ).rejects.toThrow(UnexpectedResponseError)
  })

  test('ends with the watcher’s signal, and closes the stream', async () => {
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(event(1))),
      cancel: () => void (isCancelled = true),
    })
    const { client } = open([async () => new Response(endless)])
    const leave = new AbortController()
    const watching = (async () => {
      for await (const { version } of client.watchRun('run_1', { signal: leave.signal })) {
        expect(version).toBe(1)
        setImmediate(() => leave.abort(new Error('left')))
      }
    })()
    await expect(watching).rejects.toThrow('left')
    expect(isCancelled).toBe(true)
  })

  test('closes the stream when the loop is left', async () => {
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(event(1) + event(2))),
      cancel: () => void (isCancelled = true),
    })
    for await (const { version } of open([async () => new Response(endless)]).client.watchRun(
      'run_1',
    )) {
      if (version === 1) break
    }
    expect(isCancelled).toBe(true)
  })
})

test('the client has a method for every operation, and no other', () => {
  const names = Object.keys(open([]).client)
  expect(names.toSorted()).toEqual(
    [...Object.keys(OPERATIONS), ...Object.keys(STREAMED)].toSorted(),
  )
})
