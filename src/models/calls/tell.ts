import { GarbageError, ModelCallError, NoStreamError } from '../errors.ts'

import { generateOutcome } from './generate.ts'
import type { Outcome } from './outcome.ts'
import type { PreparedCall } from './prepared-call.ts'
import { streamOutcome } from './stream.ts'

/** Hears the text of an answer while it is being written; what it does may not fail. */
export interface TextListener {
  /** More text of the answer. */
  tell(text: string): void
  /** What was told does not count: the answer begins anew. */
  startOver(): void
}

/** Who hears an answer, and which providers cannot tell theirs. */
export interface Telling {
  readonly listener: TextListener
  /** Providers that give answers and no streams; they are remembered here. */
  readonly speechless: Set<string>
}

/**
 * Makes the calls of a request like {@link generateOutcome}, and tells the text as it comes.
 *
 * @remarks Telling costs no answer: a stream that breaks half-way, or that a server does not know
 * how to give, is followed by a call without one.
 */
export async function tellOutcome(
  call: PreparedCall,
  signal: AbortSignal,
  { listener, speechless }: Telling,
): Promise<Outcome> {
  const { provider } = call.origin
  if (speechless.has(provider)) return generateOutcome(call, signal)
  let isBegun = false
  try {
    const parts = streamOutcome(call, signal)
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a stream is read one part after the other
      const { done, value } = await parts.next()
      if (done === true) return value
      isBegun = true
      if (value.kind === 'text') listener.tell(value.delta)
      else if (value.kind === 'restart') listener.startOver()
    }
  } catch (fault) {
    if (signal.aborted || !mayGoWithout(fault, isBegun)) throw fault
    listener.startOver()
    const outcome = await generateOutcome(call, signal)
    if (!isBegun) speechless.add(provider)
    return outcome
  }
}

/** What a server may say that takes no requests for streams. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 405, 406, 415, 422, 501])

/** Before its first part a stream was tried again like any call; after it only a new call helps. */
function mayGoWithout(fault: unknown, isBegun: boolean): boolean {
  if (!(fault instanceof ModelCallError)) return false
  if (isBegun) return fault.isTransient || fault instanceof GarbageError
  return fault instanceof NoStreamError || REFUSALS.has(fault.status)
}
