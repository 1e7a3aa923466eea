import type { ServerResponse } from 'node:http'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../src/kernel/json.ts'
import { runOneStep } from '../src/workflow/steps/code/testing.ts'

import { type ChatServer, says, send, startChatServer } from './support/chat-server.ts'
import { openTestPlatform, type TestPlatform } from './support/platform.ts'

let answer: (response: ServerResponse, turn: number) => void = () => undefined
let chat: ChatServer
let platform: TestPlatform
beforeAll(async () => {
  chat = await startChatServer((response, _request, turn) => answer(response, turn))
  platform = await openTestPlatform({
    settings: {
      providers: [chat.provider('ill'), chat.provider('ill-slow', { tryTimeoutMs: 3_000 })],
    },
  })
})
afterAll(async () => {
  await platform.drop()
  await chat.close()
})

const flow = (steps: Record<string, Json>, head: JsonObject = {}): JsonObject => ({
  apiVersion: 'prsm/v1',
  name: 'bad-input',
  ...head,
  steps,
})
/** The end of a run, and its journal. */
interface Ended {
  readonly status: string
  readonly error: unknown
  readonly output: Json
  readonly kinds: readonly string[]
}
const end = async (definition: JsonObject): Promise<Ended> => {
  const { id } = await platform.workflows.submit({ tenant: 'default', definition, inputs: {} })
  const find = (): ReturnType<typeof platform.workflows.getRun> =>
    platform.workflows.getRun('default', id)
  await expect
    .poll(async () => (await find()).status, { timeout: 60_000, interval: 10 })
    .toMatch(/completed|failed/)
  const events = (await platform.workflows.listEvents('default', id)).map(({ event }) => event)
  const last = events.at(-1)
  const { status, error } = await find()
  return {
    status,
    error,
    output: last?.kind === 'run.completed' ? last.data.output : null,
    kinds: events.map(({ kind }) => kind),
  }
}

describe('a document', () => {
  const write = (path: string, content: string, more: JsonObject = {}): Json => ({
    uses: 'files.write',
    with: { path, content, ...more },
  })
  const read = (path: string, more: JsonObject = {}): Json => ({
    uses: 'files.read',
    needs: 'put',
    with: { path, ...more },
  })

  test.each([
    ['that is binary, read as text', 'a.md', 'AAECAw==', {}, 'documents.binary'],
    ['that is empty', 'a.md', '', {}, 'documents.empty'],
    ['that only says it is a PDF', 'a.pdf', 'bm8gcGRm', {}, 'documents.unreadable'],
    ['that is no JSON', 'a.json', 'ezE=', {}, 'files.not-json'],
    ['that is larger than allowed', 'a.txt', 'YWJjZGVm', { maxBytes: 3 }, 'files.too-large'],
  ])('%s fails its step, which is named with the file', async (_case, path, base64, more, code) => {
    const put = write(path, base64, { base64: true })
    const { status, error, kinds } = await end(flow({ put, get: read(path, more) }))
    expect([status, error]).toMatchObject(['failed', { code, hint: expect.any(String) }])
    expect(JSON.stringify(error)).toContain(path)
    expect(kinds).toContain('step.failed')
  })

  test('that cannot be read is made up for by onError, and the others are read', async () => {
    const { status, output } = await end(
      flow(
        {
          put: write('a.md', 'good'),
          bad: write('b.md', 'AAECAw==', { base64: true }),
          get: {
            uses: 'files.read',
            needs: ['put', 'bad'],
            forEach: ['a.md', 'b.md', 'none.md'],
            with: { path: '{% $item %}' },
            onError: { output: '{% {"unread": $item} %}' },
          },
        },
        { output: '{% $steps.get.output.(text ? text : unread) %}' },
      ),
    )
    expect([status, output]).toEqual(['completed', ['good', 'b.md', 'none.md']])
  })
})

describe('an expression', () => {
  const LOOP = '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}'
  const THROWS = '{% $error("no") %}'
  const one = { uses: 'transform', with: { value: 1 } }

  test.each([
    ['in with, without end', { uses: 'transform', with: { value: LOOP } }],
    ['in when', { ...one, when: THROWS }],
    ['in forEach', { ...one, forEach: THROWS }],
    ['in output', { ...one, output: THROWS }],
    ['in until', { ...one, repeat: { until: THROWS, max: 3 } }],
  ])('that fails %s fails its step', async (_place, step: Json) => {
    const { status, error } = await end(flow({ a: step }))
    expect([status, error]).toMatchObject([
      'failed',
      { code: 'workflow.expression-failed', hint: expect.any(String) },
    ])
  })

  test('that fails in onError leaves the fault of the step, and says so', async () => {
    const { status, error } = await end(
      flow({ a: { uses: 'files.read', with: { path: 'none' }, onError: { output: THROWS } } }),
    )
    expect([status, error]).toMatchObject([
      'failed',
      {
        code: 'files.not-found',
        details: { path: 'none', onError: { code: 'workflow.expression-failed' } },
      },
    ])
  })

  test('without end holds up nobody else', async () => {
    const slow = end(flow({ a: { uses: 'transform', with: { value: LOOP } } }))
    const quick = await end(flow({ a: one }))
    expect(quick.status).toBe('completed')
    expect((await slow).status).toBe('failed')
  })
})

describe('a provider', () => {
  const never: typeof answer = () => undefined
  const ask = async (
    given: typeof answer,
    more: Record<string, Json> = {},
  ): ReturnType<typeof runOneStep> => {
    answer = given
    chat.requests.length = 0
    const model = given === never ? 'ill-slow:m' : 'ill:m'
    return runOneStep(platform.workflows, {
      uses: 'model',
      with: { model, prompt: 'hello' },
      ...more,
    })
  }
  const html = (response: ServerResponse): void =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>')

  test.each<[string, typeof answer, string, number]>([
    ['never answers', never, 'models.timeout', 3],
    ['answers with a web page', html, 'models.garbage', 1],
    [
      'answers with JSON that is no answer',
      (response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}'),
      'models.garbage',
      // Asked once more, without a stream: that may be what it cannot give.
      2,
    ],
    ['fails', (response) => response.writeHead(500).end('oh'), 'models.provider-failed', 3],
    ['hangs up', (response) => response.destroy(), 'models.provider-failed', 3],
  ])(
    'that %s fails the step after its tries, and costs nothing',
    async (_c, given, code, tries) => {
      const { record } = await ask(given)
      expect(record).toMatchObject({ status: 'failed', error: { code, hint: expect.any(String) } })
      expect(JSON.stringify(record.error)).toContain('ill')
      expect([chat.requests.length, record.cost]).toEqual([tries, 0n])
    },
  )

  test('that recovers is asked again by the step’s own retry', async () => {
    const { record, output } = await ask(
      (response, turn) => (turn <= 4 ? response.writeHead(503).end() : send(response, says('hi'))),
      { retry: { max: 3, initial: '5ms' } },
    )
    expect([record.status, output, chat.requests.length]).toEqual(['completed', 'hi', 5])
    const events = await platform.workflows.listEvents('default', record.id)
    expect(events.filter(({ event }) => event.kind === 'step.started')).toHaveLength(2)
  })

  test('whose answer is garbage is asked again only if the step says so', async () => {
    const once = await ask(html, { retry: { max: 2, initial: '5ms' } })
    expect([once.record.status, chat.requests.length]).toEqual(['failed', 1])
    const again = await ask(html, { retry: { max: 2, initial: '5ms', on: ['models.garbage'] } })
    expect([again.record.status, chat.requests.length]).toEqual(['failed', 3])
  })

  test('that fails for good is made up for by onError', async () => {
    const { record, output } = await ask(html, { onError: { output: 'nobody knows' } })
    expect([record.status, output]).toEqual(['completed', 'nobody knows'])
  })
})
