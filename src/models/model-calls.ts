import { deferred } from '../kernel/deferred.ts'

import { type Deadline, openDeadline } from './calls/deadline.ts'
import { generateOutcome } from './calls/generate.ts'
import { type Outcome, toGeneration } from './calls/outcome.ts'
import type { PreparedCall } from './calls/prepared-call.ts'
import type { Unnumbered } from './calls/stream-collector.ts'
import { streamOutcome } from './calls/stream.ts'
import { type Telling, tellOutcome } from './calls/tell.ts'
import { ModelTimeoutError } from './errors.ts'
import { observeCall, type ObserveDeps } from './observe.ts'
import type { Generation, StreamPart } from './schema.ts'

/** How a prepared call is made. */
export interface MakeOptions {
  readonly signal: AbortSignal | undefined
  /** Who hears the text as it comes, if anybody. */
  readonly telling: Telling | undefined
}

/** Makes a prepared call within its time, observed. */
export function generateCall(
  deps: ObserveDeps,
  call: PreparedCall,
  { signal, telling }: MakeOptions,
): Promise<Generation> {
  return observeCall(deps, nameOf(call), async () => {
    const startMs = deps.clock.now()
    const deadline = openCallDeadline(deps, call, signal)
    try {
      const outcome =
        telling === undefined
          ? await generateOutcome(call, deadline.signal)
          : await tellOutcome(call, deadline.signal, telling)
      return finish(deps, { call, outcome, startMs })
    } finally {
      deadline.close()
    }
  })
}

/** Makes a prepared call and yields its numbered parts; the last one carries the generation. */
export async function* streamCall(
  deps: ObserveDeps,
  call: PreparedCall,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamPart, void> {
  const startMs = deps.clock.now()
  const deadline = openCallDeadline(deps, call, signal)
  const finished = deferred<Generation>()
  // The fault itself reaches the reader below.
  void observeCall(deps, nameOf(call), () => finished.promise).catch(() => undefined)
  let offset = 0
  try {
    for await (const part of withOutcome(call, deadline.signal)) {
      if (part.kind !== 'outcome') {
        yield { ...part, offset: offset++ }
        continue
      }
      const generation = finish(deps, { call, outcome: part.outcome, startMs })
      finished.resolve(generation)
      yield { kind: 'usage', usage: generation.usage, offset: offset++ }
      yield { kind: 'finish', generation, offset }
    }
  } catch (fault) {
    finished.reject(fault)
    throw fault
  } finally {
    deadline.close()
    finished.reject(new Error('the reader left before the end'))
  }
}

type Event = Unnumbered | { readonly kind: 'outcome'; readonly outcome: Outcome }

async function* withOutcome(call: PreparedCall, signal: AbortSignal): AsyncGenerator<Event, void> {
  const outcome = yield* streamOutcome(call, signal)
  yield { kind: 'outcome', outcome }
}

function finish(
  { clock }: ObserveDeps,
  { call, outcome, startMs }: { call: PreparedCall; outcome: Outcome; startMs: number },
): Generation {
  const { reference, origin } = call
  const latencyMs = Math.max(0, clock.now() - startMs)
  return toGeneration(outcome, { reference, provider: origin.provider, latencyMs })
}

function openCallDeadline(
  { clock }: ObserveDeps,
  { origin, timeoutMs }: PreparedCall,
  signal: AbortSignal | undefined,
): Deadline {
  const hint = 'raise timeoutMs, or lower maxOutputTokens'
  const facts = { ...origin, isTransient: true, hint }
  const onTimeout = (): Error => new ModelTimeoutError(`was not done in ${timeoutMs} ms`, facts)
  return openDeadline({ clock, timeoutMs, onTimeout, signal })
}

function nameOf({ origin, request }: PreparedCall): {
  provider: string
  model: string
  task: string | undefined
} {
  return { ...origin, task: request.task?.name }
}
