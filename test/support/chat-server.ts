import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { ProviderConfig } from '../../src/models/index.ts'

/** What a server on this machine that speaks the OpenAI protocol was asked. */
export interface ChatRequest extends JsonObject {
  readonly messages: readonly JsonObject[]
}

/** Writes one answer; `turn` counts the requests so far, this one included. */
export type ChatAnswer = (response: ServerResponse, request: ChatRequest, turn: number) => void

/** A language model that says what the test wants. */
export interface ChatServer {
  readonly requests: ChatRequest[]
  /** As a provider named `name`. */
  provider(name: string, more?: Partial<ProviderConfig>): ProviderConfig
  close(): Promise<void>
}

/** Starts a server that gives `answer` to everything. */
export async function startChatServer(answer: ChatAnswer): Promise<ChatServer> {
  const requests: ChatRequest[] = []
  const server = createServer((incoming, response) => void respond(incoming, response))
  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readJson(incoming)
    requests.push(request)
    if (request['stream'] === true) streamed.add(response)
    answer(response, request, requests.length)
  }
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    requests,
    provider: (name, more = {}) =>
      ({
        kind: 'openai-compatible',
        name,
        baseUrl: `http://127.0.0.1:${port}/v1`,
        retries: {
          maxRetries: 2,
          initialDelayMs: 1,
          maxDelayMs: 5,
          breaker: { leastCalls: 1_000 },
        },
        ...more,
      }) as ProviderConfig,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** An answer in text. */
export function says(text: string): JsonObject {
  return { role: 'assistant', content: text }
}

/** An answer that asks for tools, each by name with its input; a text as input is sent as it is. */
export function calls(...tools: readonly (readonly [string, Json])[]): JsonObject {
  const toCall = ([name, input]: readonly [string, Json], index: number): JsonObject => ({
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  })
  return { role: 'assistant', content: null, tool_calls: tools.map(toCall) }
}

/** Answers to requests for streams. */
const streamed = new WeakSet<ServerResponse>()

const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }

/** Sends a message as a chat completion of 100 tokens read and 10 written, as a stream if it is asked for. */
export function send(response: ServerResponse, message: JsonObject): void {
  const finish = 'tool_calls' in message ? 'tool_calls' : 'stop'
  if (streamed.has(response)) {
    const stream = openStream(response)
    const { tool_calls: given } = message
    stream.send(
      Array.isArray(given)
        ? { ...message, tool_calls: given.map((call: Json, index) => ({ ...Object(call), index })) }
        : message,
    )
    stream.end(finish)
    return
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      id: 'chat_1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: finish }],
      usage: USAGE,
    }),
  )
}

/** An answer that comes piece by piece. */
export interface ChatStream {
  /** The next piece of the message. */
  send(delta: JsonObject): void
  /** Ends it well; a connection that is destroyed instead ends it in the middle. */
  end(finish?: 'stop' | 'tool_calls'): void
}

/** Begins to answer a request for a stream. */
export function openStream(response: ServerResponse): ChatStream {
  const head = { id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: 'm' }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const write = (more: JsonObject): void =>
    void response.write(`data: ${JSON.stringify({ ...head, ...more })}\n\n`)
  return {
    send: (delta) => write({ choices: [{ index: 0, delta, finish_reason: null }] }),
    end(finish = 'stop') {
      write({ choices: [{ index: 0, delta: {}, finish_reason: finish }] })
      write({ choices: [], usage: USAGE })
      response.end('data: [DONE]\n\n')
    },
  }
}

async function readJson(incoming: IncomingMessage): Promise<ChatRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const request: ChatRequest = JSON.parse(Buffer.concat(chunks).toString())
  return request
}
