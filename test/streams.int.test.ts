import type { ServerResponse } from 'node:http'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { config } from '../src/app/config.ts'
import { type Local, openLocal } from '../src/app/local.ts'
import { openStores } from '../src/app/stores.ts'
import { assembleText, type ChunkNews, type Client, createClient } from '../src/client/index.ts'
import { deferred } from '../src/kernel/deferred.ts'
import type { Json, JsonObject } from '../src/kernel/json.ts'
import { silentLog } from '../src/kernel/log.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createSqlRetentionStore, prune } from '../src/workflow/index.ts'
import { defineStepKind, type StepKind } from '../src/workflow/index.ts'

import { type ChatServer, openStream, says, send, startChatServer } from './support/chat-server.ts'
import { openTestPlatform, realSurroundings, type TestPlatform } from './support/platform.ts'

/** Tells its parts, each once the one before is written or `next` is called. */
const teller: StepKind = defineStepKind({
  name: 'teller',
  summary: 'For tests.',
  takesSecrets: true,
  with: z.looseObject({
    parts: z.array(z.string()),
    pauseMs: z.int().default(0),
    fails: z.int().default(0),
  }),
  async run({ parts, pauseMs, fails }, task) {
    for (const part of parts) {
      task.telling?.tell(part.replace('$attempt', `${task.attempt}`))
      if (pauseMs > 0) await sleep(pauseMs)
    }
    await hold?.promise
    if (task.attempt <= fails) throw new Error('fails at first')
    return { output: { parts: parts.join(''), isHeard: task.telling !== undefined } }
  },
})
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

const PATIENT = { timeout: 60_000, interval: 20 }

let hold: ReturnType<typeof deferred<void>> | undefined
let answer: (response: ServerResponse) => void
let chat: ChatServer
let platform: TestPlatform
let local: Local
let client: Client
beforeAll(async () => {
  chat = await startChatServer((response) => answer(response))
  const settings = { providers: [chat.provider('local')], labels: ['far'] }
  platform = await openTestPlatform({ role: { worker: 'all', kinds: [teller] }, settings })
  const here = { dataDir: platform.config.dataDir, databaseUrl: platform.url }
  // Another process as far as the database is concerned.
  local = await openLocal(config.parse(here), realSurroundings(), {
    role: { worker: 'none', kinds: [teller] },
    version: '0.0.0',
  })
  client = clientWith((url, init) => local.fetch(url, init))
})
afterAll(async () => {
  await local.close()
  await platform.drop()
  await chat.close()
})
beforeEach(() => void (hold = undefined))

function clientWith(
  fetch: (url: string, init: RequestInit) => Response | Promise<Response>,
): Client {
  const backoff = { initialMs: 1, maxMs: 2 }
  return createClient({ baseUrl: 'http://prsm.local', fetch, attempts: 1, backoff })
}

const flow = (steps: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'prsm/v1',
  name: 'streams',
  ...more,
  steps,
})
const tells = (
  parts: readonly string[],
  more: JsonObject = {},
  parameters: JsonObject = {},
): Json => ({
  uses: 'teller',
  with: { parts: [...parts], ...parameters },
  ...more,
})
const begin = async (
  steps: JsonObject,
  more: JsonObject = {},
  inputs: JsonObject = {},
): Promise<string> => {
  const definition = flow(steps, more)
  return (await platform.workflows.submit({ tenant: 'default', definition, inputs })).id
}
const ended = (run: string): Promise<void> =>
  expect.poll(async () => (await client.getRun(run)).status, PATIENT).toMatch(/completed|failed/)
const outputOf = async (run: string, step: string): Promise<Json> => {
  const events = await platform.workflows.listEvents('default', run)
  const found = events.find(
    ({ event }) => event.kind === 'step.completed' && event.data.step === step,
  )
  return found?.event.kind === 'step.completed' ? found.event.data.output : null
}
const textOf = (news: readonly ChunkNews[]): string => {
  const assembled = assembleText()
  for (const each of news) if (each.kind === 'chunk') assembled.add(each)
  return assembled.texts.map(({ text }) => text).join('|')
}
const watch = async (run: string, options = {}, as = client): Promise<ChunkNews[]> => {
  const heard: ChunkNews[] = []
  for await (const news of as.watchChunks(run, options)) heard.push(news)
  return heard
}
/** The same, to be looked at while it comes. */
const listen = (run: string, as = client): { heard: ChunkNews[]; over: Promise<void> } => {
  const heard: ChunkNews[] = []
  const over = (async () => {
    for await (const news of as.watchChunks(run)) heard.push(news)
  })()
  return { heard, over }
}
const rows = async (): Promise<string> => {
  const found = await platform.fixture.database.query<{ text: string }>({
    text: 'select text from chunks order by run, seq',
  })
  return found.map(({ text }) => text).join('')
}

describe('what a model writes', () => {
  const ask = { uses: 'model', with: { model: 'local:m', prompt: 'hello' } }

  test('is watched while it is written, by whoever wants to, and is what the step gives', async () => {
    const opened = deferred<ServerResponse>()
    answer = (response) => opened.resolve(response)
    const run = await begin({ draft: ask })
    const first = listen(run)
    const second = listen(
      run,
      clientWith((url, init) => local.fetch(url, init)),
    )
    const stream = openStream(await opened.promise)
    stream.send({ role: 'assistant', content: 'Once upon ' })
    await expect.poll(() => textOf(first.heard), PATIENT).toBe('Once upon ')
    expect((await client.getRun(run)).status).toBe('running')
    stream.send({ content: 'a time 👋' })
    stream.end()
    await Promise.all([first.over, second.over])
    expect([textOf(first.heard), textOf(second.heard)]).toEqual([
      'Once upon a time 👋',
      'Once upon a time 👋',
    ])
    expect(await outputOf(run, 'draft')).toBe('Once upon a time 👋')
  })

  test('begins anew when its connection breaks, and costs the step nothing', async () => {
    const opened = deferred<ServerResponse>()
    answer = (response) => opened.resolve(response)
    const run = await begin({ draft: ask })
    const { heard, over } = listen(run)
    const response = await opened.promise
    answer = (again) => send(again, says('whole'))
    openStream(response).send({ role: 'assistant', content: 'half a ' })
    await expect.poll(() => textOf(heard), PATIENT).toBe('half a ')
    response.destroy()
    await over
    expect(heard.map(({ kind, attempt }) => [kind, attempt])).toEqual([
      ['chunk', 1],
      ['superseded', 2],
      ['chunk', 2],
    ])
    expect([textOf(heard), await outputOf(run, 'draft')]).toEqual(['whole', 'whole'])
    const started = await platform.workflows.listEvents('default', run)
    expect(started.filter(({ event }) => event.kind === 'step.started')).toHaveLength(1)
  })

  test('of an agent is all that it says, turn by turn; the offline model does it as well', async () => {
    answer = (response) => send(response, says('done'))
    const run = await begin({
      agent: { uses: 'agent', with: { model: 'local:m', goal: 'work' } },
      offline: { uses: 'model', with: { model: 'builtin', prompt: 'hello' } },
    })
    await ended(run)
    const texts = assembleText()
    for await (const chunk of client.listChunks(run)) texts.add(chunk)
    expect(texts.texts.find(({ step }) => step === 'agent')?.text).toBe('done')
    expect(texts.texts.find(({ step }) => step === 'offline')?.text).toBe(
      await outputOf(run, 'offline'),
    )
  })
})

describe('a watcher', () => {
  const parts = ['one ', 'two ', 'three ', 'four ', 'five']

  test('that comes back anywhere misses nothing and hears nothing twice', async () => {
    const run = await begin({
      a: tells(parts, {}, { pauseMs: 60 }),
      b: tells(['x', 'y'], { forEach: ['p', 'q'] }, { pauseMs: 150 }),
    })
    let left = 0
    /** A connection that breaks after some bytes, here and there. */
    const broken = clientWith(async (url, init) => {
      const { body, headers } = await local.fetch(url, init)
      left = (left + 37) % 300
      return new Response(body === null ? null : cutAfter(body, 60 + left), { headers })
    })
    const live = await watch(run, {}, broken)
    expect(await watch(run)).toEqual(live.filter(({ kind }) => kind === 'chunk'))
    const assembled = assembleText()
    for (const news of live) if (news.kind === 'chunk') assembled.add(news)
    const texts = assembled.texts.map(({ step, index, text }) => [step, index, text])
    expect(texts.toSorted()).toEqual([
      ['a', undefined, parts.join('')],
      ['b', 0, 'xy'],
      ['b', 1, 'xy'],
    ])
  })

  test('goes on with Last-Event-ID, over HTTP as it is', async () => {
    const run = await begin({ a: tells(parts, {}, { pauseMs: 120 }) })
    await ended(run)
    const all = await watch(run)
    expect(all.length).toBeGreaterThan(1)
    for (const [at, news] of all.entries()) {
      const headers = { accept: 'text/event-stream', 'last-event-id': `${at}` }
      const response = await local.fetch(`http://x/v1/runs/${run}/chunks?step=a`, { headers })
      const text = await response.text()
      expect(text).toContain(`id: ${at + 1}\ndata: `)
      expect(text).not.toContain(`id: ${at}\n`)
      expect(text).toContain(`"text":${JSON.stringify(news.kind === 'chunk' ? news.text : '')}`)
      expect(text).toMatch(/event: end\ndata: \{"of":"step","status":"completed"\}\n\n$/)
    }
  })

  test('is told when a step is tried anew, and of no run that is not its tenant’s', async () => {
    hold = deferred()
    const run = await begin({
      a: tells(
        ['try $attempt'],
        { retry: { max: 1, initial: '1ms', on: ['internal'] } },
        { fails: 1, pauseMs: 150 },
      ),
    })
    const { heard, over } = listen(run)
    await expect.poll(() => textOf(heard), PATIENT).toBe('try 1')
    hold.resolve()
    await over
    expect(heard.map((news) => (news.kind === 'chunk' ? news.text : news))).toEqual([
      'try 1',
      { kind: 'superseded', step: 'a', attempt: 2 },
      'try 2',
    ])
    expect(await rows()).not.toContain('try 1')
    const ask = (path: string): Promise<Response> =>
      Promise.resolve(local.fetch(`http://x${path}`, {}))
    expect((await ask(`/v1/runs/run_none/chunks`)).status).toBe(404)
    expect((await ask(`/v1/runs/${run}/chunks?step=nobody`)).status).toBe(400)
    expect((await ask(`/v1/runs/${run}/chunks?index=1`)).status).toBe(400)
    const page = await client.listChunks(run, { step: 'a', limit: 1 }).page()
    expect(page.items.map(({ text }) => text)).toEqual(['try 2'])
  })
})

/** The beginning of a stream, and then an end in the middle of whatever came. */
function cutAfter(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let left = bytes
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (!done) controller.enqueue(value.subarray(0, left))
      left -= value?.length ?? 0
      if (!done && left > 0) return
      controller.close()
      await reader.cancel()
    },
  })
}

describe('values that are not to be seen', () => {
  const HEAD: JsonObject = {
    inputs: { type: 'object', properties: { password: { type: 'string', writeOnly: true } } },
  }
  test.each([
    ['in the process of the run', {}],
    ['from the queue', { runsOn: ['far'] }],
  ])('are masked in text as in results, also across two pieces, %s', async (_where, more) => {
    const parts = ['the key is hunter2-is', '-not-to-be-seen, "hunter2-is', '-fine"']
    const given = { parts, pauseMs: 150, password: '{% $inputs.password %}' }
    const inputs = { password: 'hunter2-is-not-to-be-seen' }
    const run = await begin({ a: { uses: 'teller', with: given, ...more } }, HEAD, inputs)
    await ended(run)
    const text = textOf(await watch(run))
    expect(text).toBe('the key is [secret], "hunter2-is-fine"')
    expect(await outputOf(run, 'a')).toMatchObject({ parts: text })
  })
})

describe('whoever has lost a step', () => {
  test('writes nothing into its text any more', async () => {
    hold = deferred()
    const run = await begin({ a: tells(['kept']) })
    await expect.poll(rows, PATIENT).toContain('kept')
    const stores = await openStores(
      config.parse({ dataDir: platform.config.dataDir, databaseUrl: platform.url }),
      { clock: systemClock, log: silentLog },
    )
    const { database } = platform.fixture
    const [row] = await database.query<{ owner: string; token: string }>({
      text: 'select r.owner, u.token from runs r join chunk_units u on u.run = r.id where r.id = $1',
      values: [run],
    })
    const { owner = '', token = '' } = row ?? {}
    const piece = { run, step: 'a', index: undefined, isCut: false }
    const write = (
      text: string,
      { worker, as, offset = 0 }: { worker: string; as: string; offset?: number },
    ): Promise<void> =>
      stores.chunks.write({ ...piece, holder: { worker }, token: as, offset, text })
    // Another worker's, one that does not follow, and one of an attempt that nobody has begun.
    await write('late', { worker: 'work_dead', as: token, offset: 4 })
    await write('anew', { worker: 'work_dead', as: 'text_dead' })
    await write('gap', { worker: owner, as: token, offset: 9 })
    await write('again', { worker: owner, as: token, offset: 0 })
    await write('middle', { worker: owner, as: 'text_new', offset: 4 })
    expect((await stores.chunks.read({ run, after: 0 }, 9)).map(({ text }) => text)).toEqual([
      'kept',
    ])
    await write('anew', { worker: owner, as: 'text_new' })
    await write('late', { worker: owner, as: token, offset: 4 })
    expect(await stores.chunks.read({ run, after: 0 }, 9)).toEqual([
      { seq: 2, step: 'a', attempt: 2, offset: 0, text: 'anew' },
    ])
    const task = { worker: owner, task: { id: 'task_none', lease: 1 } }
    await stores.chunks.write({ ...piece, holder: task, token: 'text_q', offset: 0, text: 'queue' })
    expect(await stores.chunks.read({ run, after: 0 }, 9)).toHaveLength(1)
    hold.resolve()
    await ended(run)
    await stores.close()
  })
})

describe('text', () => {
  test('beyond what is kept is cut, and the result of the step is whole', async () => {
    const large = 'x'.repeat(100_000)
    const run = await begin({ a: tells([large, large, large]) })
    await ended(run)
    const pieces = (await watch(run)).flatMap((news) => (news.kind === 'chunk' ? news : []))
    expect(pieces.map(({ isCut = false }) => isCut).indexOf(true)).toBe(pieces.length - 1)
    expect(textOf(await watch(run))).toHaveLength(256 * 1_024)
    expect(JSON.stringify(await outputOf(run, 'a'))).toContain('$artifact')
  })

  test('that cannot be written costs the step nothing', async () => {
    const { database } = platform.fixture
    await database.query({ text: 'alter table chunks rename to elsewhere' })
    const run = await begin({ a: tells(['one', 'two'], {}, { pauseMs: 120 }) })
    await ended(run)
    await database.query({ text: 'alter table elsewhere rename to chunks' })
    expect(await outputOf(run, 'a')).toMatchObject({ parts: 'onetwo' })
    expect((await client.getRun(run)).status).toBe('completed')
  })

  test('is not asked for where it is kept for no time', async () => {
    const silent = await openTestPlatform({
      role: { worker: 'all', kinds: [teller] },
      settings: { keepTextHours: 0, providers: [chat.provider('local')] },
    })
    answer = (response) => send(response, says('hi'))
    chat.requests.length = 0
    const ask = { uses: 'model', with: { model: 'local:m', prompt: 'hello' } }
    const definition = flow({ a: tells(['one']), b: ask })
    const { id } = await silent.workflows.submit({ tenant: 'default', definition, inputs: {} })
    await expect
      .poll(async () => (await silent.workflows.getRun('default', id)).status, PATIENT)
      .toBe('completed')
    expect(await silent.chunks.read({ run: id, after: 0 }, 9)).toEqual([])
    expect(chat.requests.map((request) => request['stream'] ?? false)).toEqual([false])
    await silent.drop()
  })

  test('goes before its run, and what is left of it with the run', async () => {
    const { database } = platform.fixture
    const run = await begin({ a: tells(['gone']) })
    await ended(run)
    const store = createSqlRetentionStore(database)
    const now = systemClock.now()
    const sweep = (
      endedBefore: number,
      textBefore: number,
      isDryRun = false,
    ): ReturnType<typeof prune> =>
      prune({ store, clock: systemClock }, { endedBefore, textBefore, isDryRun })
    expect(await sweep(1, now - 60_000)).toMatchObject({ texts: 0, textBytes: 0 })
    const dry = await sweep(1, now + 60_000, true)
    expect(dry.texts).toBeGreaterThan(0)
    expect(await rows()).toContain('gone')
    expect(await sweep(1, now + 60_000)).toMatchObject({
      texts: dry.texts,
      textBytes: dry.textBytes,
      runs: 0,
    })
    expect([await rows(), await watch(run)]).toEqual(['', []])
    const count = async (): Promise<number> => {
      const [row] = await database.query<{ count: number }>({
        text: 'select ((select count(*) from chunk_runs where run = $1) + (select count(*) from chunk_units where run = $1))::int as count',
        values: [run],
      })
      return row?.count ?? -1
    }
    expect(await count()).toBe(2)
    await sweep(now + 60_000, now)
    expect(await count()).toBe(0)
  })
})
