import type { EpochMs } from './clock.ts'
import type { JsonObject } from './json.ts'

/** A past fact: `noun.verb`. */
export type EventKind = `${string}.${string}`

/** One fact about one stream, as it is handed to the journal. */
export interface JournalEvent {
  readonly tenant: string
  /** What the fact is about: a run, an account. All events of a stream have one tenant. */
  readonly stream: string
  /** 1, 2, 3 … within the stream; two writers can never both write the same number. */
  readonly version: number
  readonly kind: EventKind
  readonly at: EpochMs
  readonly data: JsonObject
}

/** An event at its place in the tenant's history. */
export interface StoredEvent extends JournalEvent {
  /** 1, 2, 3 … within the tenant, in the order of commit; without gaps, but for runs that were pruned. */
  readonly seq: number
}

/** Which part of the journal is read: a tenant's whole history, or one stream of it. */
export type JournalRange =
  | { readonly tenant: string; readonly afterSeq: number }
  | { readonly stream: string; readonly afterVersion: number }

/**
 * The append-only history of everything that happened, one sequence per tenant.
 *
 * @remarks
 * An event is written in the transaction of the change it tells of, so the journal is also the
 * outbox: audit, progress and notifications read it, and nobody polls another module's tables.
 */
export interface Journal {
  /** At most `limit` events of a range, oldest first. */
  read(range: JournalRange, limit: number): Promise<readonly StoredEvent[]>
  /** All events of a range, and then each new one as it is committed, until `signal` aborts. */
  follow(range: JournalRange, signal: AbortSignal): AsyncIterable<StoredEvent>
}
