import { describe, expect, test } from 'vitest'

import { createRecordingFetch, createReplayFetch, describeRequest } from './recorded-fetch.ts'
import type { Recording } from './schema.ts'
import { createMemoryRecordings } from './testing.ts'

const url = 'https://api.test/v1/chat?key=sk-secret&x=1'
const init = {
  method: 'POST',
  headers: { authorization: 'Bearer sk-secret' },
  body: '{"b":1,"a":2}',
}
const events = 'data: 1\n\ndata: 2\n\n'

describe('recording', () => {
  test('keeps the exchange and no key, cookie or account', async () => {
    const store = createMemoryRecordings()
    const headers = {
      'content-type': 'application/json',
      'set-cookie': 'session',
      'openai-organization': 'acme',
    }
    const fetch = createRecordingFetch(async () => new Response('{"ok":true}', { headers }), store)
    expect(await (await fetch(url, init)).json()).toEqual({ ok: true })
    const kept = await store.find({ method: 'POST', path: '/v1/chat?x=1', body: { a: 2, b: 1 } })
    expect(kept).toEqual({
      request: { method: 'POST', path: '/v1/chat?x=1', body: { b: 1, a: 2 } },
      responses: [
        {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: { json: { ok: true } },
        },
      ],
    })
  })

  test('then replaying gives the same, one response after the other', async () => {
    const store = createMemoryRecordings()
    const answers = [
      new Response('busy', { status: 429, headers: { 'retry-after': '1' } }),
      new Response(events),
    ]
    const record = createRecordingFetch(async () => answers.shift() ?? Response.error(), store)
    await record(url, init)
    await record(url, init)
    const replay = createReplayFetch(store)
    const first = await replay('http://127.0.0.1:9/v1/chat?x=1', init)
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([
      429,
      '1',
      'busy',
    ])
    expect(await (await replay(url, init)).text()).toBe(events)
    expect(await (await replay(url, init)).text()).toBe(events)
  })
})

describe('replaying', () => {
  const recorded: Recording = {
    request: { method: 'POST', path: '/a', body: null },
    responses: [{ status: 200, headers: {}, body: { chunks: ['one', 'two'], isCut: true } }],
  }
  const replay = createReplayFetch(createMemoryRecordings([recorded]))

  test('sends chunks apart, and breaks the connection where it broke', async () => {
    const { body } = await replay('http://x.test/a', { method: 'POST' })
    const reader = body?.getReader()
    const decoder = new TextDecoder()
    expect(decoder.decode((await reader?.read())?.value)).toBe('one')
    expect(decoder.decode((await reader?.read())?.value)).toBe('two')
    await expect(reader?.read()).rejects.toThrow('terminated')
  })

  test('knows no other request, and obeys an abort', async () => {
    await expect(replay('http://x.test/b', { method: 'POST' })).rejects.toMatchObject({
      code: 'models.unrecorded-request',
    })
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(replay('http://x.test/a', { method: 'POST', signal })).rejects.toThrow('stop')
  })
})

test('a request is known by method, path and body', () => {
  expect(describeRequest(new URL(url))).toEqual({ method: 'GET', path: '/v1/chat?x=1', body: null })
  expect(describeRequest(new Request('https://api.test/v1'), { body: 'text' }).body).toBe('text')
})
