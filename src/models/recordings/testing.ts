import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Json } from '../../kernel/json.ts'
import { assertNever } from '../../kernel/result.ts'
import type { GenerateRequest } from '../schema.ts'

import { type RecordedResponse, type Recording, recording } from './schema.ts'
import { recordingKey, type RecordingStore } from './store.ts'

/** Providers and scenarios of the fixtures; each pair is one file in `fixtures/`. */
export const FIXTURE_PROVIDERS = ['openai', 'anthropic', 'google', 'local'] as const

/** What each provider is recorded doing. */
export const SCENARIOS = [
  'chat',
  'tool',
  'structured',
  'stream',
  'stream-tool',
  'rate-limited',
  'failing',
  'garbage',
  'truncated',
  'filtered',
] as const

/** A scenario's name. */
export type Scenario = (typeof SCENARIOS)[number]

/** The models that the fixtures were written for. */
export const FIXTURE_MODELS: Readonly<Record<(typeof FIXTURE_PROVIDERS)[number], string>> = {
  openai: 'openai:gpt-5-mini',
  anthropic: 'anthropic:claude-haiku-4-5',
  google: 'google:gemini-2.5-flash',
  local: 'local:qwen3-8b',
}

const weather = {
  name: 'weather',
  description: 'Weather of a city',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}

/** The contract of the `structured` scenario. */
export const CITY_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, people: { type: 'integer' } },
  required: ['city', 'people'],
  additionalProperties: false,
}

/** The request of a scenario; its fixture holds what the SDK makes of it. */
export function fixtureRequest(model: string, scenario: Scenario): GenerateRequest {
  const base: GenerateRequest = {
    model,
    instructions: 'Be brief.',
    messages: [{ role: 'user', content: [{ kind: 'text', text: `scenario ${scenario}` }] }],
    maxOutputTokens: 64,
  }
  switch (scenario) {
    case 'tool':
    case 'stream-tool':
      return { ...base, tools: [weather] }
    case 'structured':
      return { ...base, output: { name: 'city', schema: CITY_SCHEMA } }
    case 'chat':
    case 'stream':
    case 'rate-limited':
    case 'failing':
    case 'garbage':
    case 'truncated':
    case 'filtered':
      return base
    default:
      return assertNever(scenario)
  }
}

const FIXTURES = new URL('fixtures/', import.meta.url)

/** Every fixture by its file name without `.json`. */
export function readFixtures(): ReadonlyMap<string, Recording> {
  return new Map(
    readdirSync(FIXTURES).map((name) => [
      name.replace(/\.json$/, ''),
      recording.parse(JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'))),
    ]),
  )
}

/** Recordings in memory. */
export function createMemoryRecordings(recordings: Iterable<Recording> = []): RecordingStore {
  const byKey = new Map([...recordings].map((item) => [recordingKey(item.request), item]))
  return {
    find: async (request) => byKey.get(recordingKey(request)),
    put: async (item) => void byKey.set(recordingKey(item.request), item),
  }
}

/** A loopback server that plays recordings over real HTTP. */
export interface RecordingServer extends AsyncDisposable {
  readonly url: string
  /** Requests it got, in order; headers included, to see what was really sent. */
  readonly seen: { readonly path: string; readonly headers: IncomingMessage['headers'] }[]
}

/** Starts the server on a free port. */
export async function startRecordingServer(
  recordings: Iterable<Recording>,
): Promise<RecordingServer> {
  const byKey = new Map([...recordings].map((item) => [recordingKey(item.request), item]))
  const asked = new Map<string, number>()
  const seen: RecordingServer['seen'] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    seen.push({ path, headers: request.headers })
    void readBody(request).then((body) => {
      const key = recordingKey({ method: request.method ?? '', path, body })
      const responses = byKey.get(key)?.responses ?? []
      const index = asked.get(key) ?? 0
      asked.set(key, index + 1)
      const recorded = responses[Math.min(index, responses.length - 1)]
      if (recorded === undefined) return response.writeHead(418).end('{"error":"unrecorded"}')
      return play(response, recorded)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json
}

function play(response: ServerResponse, { status, headers, body }: RecordedResponse): void {
  response.writeHead(status, headers)
  if ('json' in body) {
    response.end(JSON.stringify(body.json))
    return
  }
  // A chunk a tick, so that the client really sees a stream.
  const send = (index: number): void => {
    const chunk = body.chunks[index]
    if (chunk !== undefined) response.write(chunk, () => setImmediate(send, index + 1))
    else if (body.isCut === true) response.destroy()
    else response.end()
  }
  send(0)
}
