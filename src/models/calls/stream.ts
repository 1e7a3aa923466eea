import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'

import { NoStreamError } from '../errors.ts'
import type { CallMade, Try } from '../limits/provider-runtime.ts'

import { judgeTurn } from './contract.ts'
import { readTurn, type Turn } from './generation.ts'
import { addOutcome, type Outcome } from './outcome.ts'
import { type PreparedCall, type PreparedTurn, prepareTurn, toRepair } from './prepared-call.ts'
import { createStreamCollector, type StreamCollector, type Unnumbered } from './stream-collector.ts'

/**
 * Makes the calls of a request and yields the answer as it comes.
 *
 * @remarks
 * A call is tried again until its first part is there; after that a fault is thrown, because what
 * was said cannot be taken back. A broken output contract is announced by a `restart` part.
 */
export async function* streamOutcome(
  call: PreparedCall,
  signal: AbortSignal,
): AsyncGenerator<Unnumbered, Outcome> {
  const prepared = prepareTurn(call)
  const { value: opened, ...made } = await openStream(call, prepared, signal)
  const turn = yield* readStream(opened, call, prepared)
  const terms = { ...call, prompt: prepared.options.prompt }
  const verdict = judgeTurn(turn, terms, call.hasRepair)
  if (verdict.kind === 'done') return { turn, ...made, verdict }
  yield { kind: 'restart', reason: verdict.reason }
  const repaired = yield* streamOutcome(toRepair(call, verdict.messages), signal)
  return addOutcome({ turn, ...made }, repaired)
}

interface OpenStream {
  readonly attempt: Try
  readonly reader: ReadableStreamDefaultReader<LanguageModelV3StreamPart>
  readonly collector: StreamCollector
  /** What came up to the first part worth yielding. */
  readonly first: readonly Unnumbered[]
}

function openStream(
  { runtime, origin }: PreparedCall,
  { options, reserved }: PreparedTurn,
  signal: AbortSignal,
): Promise<CallMade<OpenStream>> {
  return runtime.call({
    model: origin.model,
    tokens: reserved,
    signal,
    attempt: async (attempt) => {
      const { stream, response } = await attempt.model.doStream({
        ...options,
        abortSignal: attempt.signal,
      })
      if (isPlain(response?.headers)) throw new NoStreamError(origin)
      const reader = stream.getReader()
      const collector = createStreamCollector()
      const first = await readFirst(reader, collector)
      return { attempt, reader, collector, first }
    },
  })
}

/** A server that knows no streams may answer as if it had not been asked for one. */
function isPlain(headers: Readonly<Record<string, string>> | undefined): boolean {
  return headers?.['content-type']?.startsWith('application/json') === true
}

async function readFirst(
  reader: OpenStream['reader'],
  collector: StreamCollector,
): Promise<readonly Unnumbered[]> {
  const { done, value } = await reader.read()
  if (done) return []
  const parts = collector.accept(value)
  return parts.length > 0 ? parts : readFirst(reader, collector)
}

async function* readStream(
  { attempt, reader, collector, first }: OpenStream,
  { origin }: PreparedCall,
  { promptTokens }: PreparedTurn,
): AsyncGenerator<Unnumbered, Turn> {
  let usedTokens: number | undefined
  try {
    attempt.pause()
    yield* first
    for (;;) {
      attempt.restart()
      // oxlint-disable-next-line no-await-in-loop -- a stream is read one part after the other
      const { done, value } = await attempt.race(reader.read())
      if (done) break
      attempt.pause()
      yield* collector.accept(value)
    }
    const turn = readTurn(collector.finish(), origin, promptTokens)
    usedTokens = turn.usage.inputTokens + turn.usage.outputTokens
    return turn
  } catch (fault) {
    throw attempt.explain(fault)
  } finally {
    attempt.end(usedTokens)
    // Whoever stops reading early also stops the provider; an ended stream takes no notice.
    void reader.cancel().catch(() => undefined)
  }
}
