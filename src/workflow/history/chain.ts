import { canonicalJson } from '../../kernel/canonical-json.ts'
import { type Sha256, sha256 } from '../../kernel/hash.ts'
import { toJsonObject } from '../../kernel/json.ts'
import type { TimedEvent } from '../host/run-store.ts'

/** What the chain of an empty history begins with. */
export const CHAIN_START: Sha256 = sha256('')

/**
 * The next link of a chain over a history: it changes when any event so far does.
 *
 * @remarks Events are the deltas of the state, so the chain stands for every state there was.
 */
export function chainOn(link: Sha256, { at, event }: TimedEvent): Sha256 {
  return sha256(canonicalJson([link, event.kind, at, toJsonObject(event.data)]))
}
