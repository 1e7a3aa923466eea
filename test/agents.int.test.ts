import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../src/kernel/json.ts'
import { runOneStep } from '../src/workflow/steps/code/testing.ts'

import { calls, type ChatServer, says, send, startChatServer } from './support/chat-server.ts'
import { openTestPlatform, type TestPlatform } from './support/platform.ts'

/** What the model says, turn by turn; set by each test. */
let script: readonly JsonObject[] = []
let chat: ChatServer
let platform: TestPlatform
const pages = createServer((_request, response) =>
  response.writeHead(200, { 'content-type': 'text/plain' }).end('a page'),
)
let page = ''

beforeAll(async () => {
  chat = await startChatServer((response, _request, turn) =>
    send(response, script[turn - 1] ?? says('the script has ended')),
  )
  await new Promise<void>((resolve) => void pages.listen(0, '127.0.0.1', resolve))
  const { port } = pages.address() as AddressInfo
  page = `http://127.0.0.1:${port}/`
  platform = await openTestPlatform({
    settings: {
      providers: [chat.provider('local')],
      httpAllowPrivate: [`127.0.0.1:${port}`],
    },
  })
})
afterAll(async () => {
  await platform.drop()
  await chat.close()
  pages.close()
})

/** An agent that uses tools as the script says. */
const work = async (
  said: readonly JsonObject[],
  more: Record<string, Json> = {},
): ReturnType<typeof runOneStep> => {
  script = said
  chat.requests.length = 0
  return runOneStep(platform.workflows, {
    uses: 'agent',
    with: {
      model: 'local:m',
      goal: 'work',
      tools: ['read_file', 'list_files', 'write_file', 'http_request'],
      ...more,
    },
  })
}
const parse = (text: string): Json => JSON.parse(text) as Json
/** What the model was told by its tools in the last turn. */
const told = (): Json[] =>
  (chat.requests.at(-1)?.messages ?? []).flatMap(({ role, content }) => {
    if (role !== 'tool' || typeof content !== 'string') return []
    return [content.startsWith('{') ? parse(content) : content]
  })

describe('an agent', () => {
  test('writes, lists and reads the files of its run, and calls what it may', async () => {
    const { record, output } = await work([
      calls(['write_file', { path: 'notes/a.md', content: '# Notes' }]),
      calls(
        ['list_files', {}],
        ['read_file', { path: 'notes/a.md' }],
        ['http_request', { url: page }],
      ),
      says('done'),
    ])
    expect(record.status).toBe('completed')
    expect(output).toMatchObject({
      answer: 'done',
      turns: 3,
      tools: ['write_file', 'list_files', 'read_file', 'http_request'],
    })
    const path = join(platform.folderOf(record.id), 'notes/a.md')
    expect(await readFile(path, 'utf8')).toBe('# Notes')
    expect(told()).toMatchObject([
      { path: 'notes/a.md', bytes: 7 },
      { total: 1, files: [{ path: 'notes/a.md' }] },
      { format: 'markdown', text: '# Notes' },
      { status: 200, body: 'a page' },
    ])
    const offered = chat.requests[0]?.['tools']
    expect(Array.isArray(offered) && offered.length).toBe(4)
    expect(record.cost).toBeGreaterThan(0n)
  })

  test('is told what its tools refuse, and may do better', async () => {
    const { record, output } = await work([
      calls(
        ['read_file', { path: '../../etc/passwd' }],
        ['read_file', { path: 'none.md' }],
        ['http_request', { url: page.replace('127.0.0.1', '127.0.0.2') }],
        ['http_request', { url: 'http://169.254.169.254/latest' }],
        ['write_file', { path: 'a.md' }],
        ['write_file', '{"path":'],
        ['rm', { path: 'a.md' }],
      ),
      says('sorry'),
    ])
    expect([record.status, record.error]).toEqual(['completed', undefined])
    expect(output).toMatchObject({ answer: 'sorry', turns: 2 })
    expect(told()).toMatchObject([
      { code: 'files.outside' },
      { code: 'files.not-found' },
      { code: 'http.private-address' },
      { code: 'http.private-address' },
      { code: 'workflow.invalid-parameters' },
      expect.stringContaining('not JSON'),
      expect.stringContaining('no tool "rm"'),
    ])
  })

  test('reads a binary or an empty document as what it is', async () => {
    const put: Json = { path: 'data.bin', content: 'AAECAw==', base64: true }
    await work([
      calls(['write_file', put], ['write_file', { path: 'empty.md', content: '' }]),
      calls(
        ['read_file', { path: 'data.bin' }],
        ['read_file', { path: 'data.bin', as: 'text' }],
        ['read_file', { path: 'empty.md' }],
      ),
      says('read'),
    ])
    expect(told().slice(2)).toMatchObject([
      { format: 'base64', base64: 'AAECAw==' },
      { code: 'documents.binary' },
      { code: 'documents.empty' },
    ])
  })

  test('that never answers ends after its turns, and they are paid for', async () => {
    const { record } = await work(
      Array.from({ length: 5 }, () => calls(['list_files', {}])),
      { maxTurns: 2 },
    )
    expect(record).toMatchObject({
      status: 'failed',
      error: { code: 'agents.turns-exhausted', hint: expect.stringContaining('maxTurns') },
    })
    expect(chat.requests).toHaveLength(2)
    expect(record.cost).toBeGreaterThan(0n)
  })

  test('with a tool that does not exist is refused before the model is asked', async () => {
    const { record } = await work([], { tools: ['read_fil'] })
    expect(record.error).toMatchObject({
      code: 'agents.unknown-tool',
      hint: expect.stringContaining('read_file'),
    })
    expect(chat.requests).toHaveLength(0)
  })
})

test('an agent without tools has one turn, and only that is set aside for it', async () => {
  const settled: JsonObject = { model: 'local:m', goal: 'work', maxTurns: 100 }
  const kind = platform.kinds.get('agent')
  const boundWith = async (more: JsonObject): Promise<number> => {
    const prepared = kind?.prepare({ ...settled, ...more })
    const [first] = prepared?.kind === 'work' ? ((await prepared.bound()) ?? []) : []
    return first?.resource === 'model_inference_tokens' ? first.outputTokens : 0
  }
  expect(await boundWith({ tools: ['read_file'] })).toBe(100 * (await boundWith({})))
})
