import type { Journal, JournalRange, StoredEvent } from '../../kernel/journal.ts'

import { createFeeds, type Feeds } from './feeds.ts'

/** What is watched of the journal: one stream, or everything of a tenant. */
export type Source = { readonly stream: string } | { readonly tenant: string }

/** Feeds of the journal. Positions are versions of a stream, or places in a history. */
export type EventFeeds = Feeds<Source, StoredEvent>

/** Builds the feeds of the journal. */
export function createEventFeeds(journal: Journal): EventFeeds {
  return createFeeds((source) => ({
    name: 'stream' in source ? `stream:${source.stream}` : `tenant:${source.tenant}`,
    read: (position, limit) => journal.read(rangeOf(source, position), limit),
    follow: (position, signal) => journal.follow(rangeOf(source, position), signal),
    positionOf: (event) => positionOf(source, event),
  }))
}

function rangeOf(source: Source, position: number): JournalRange {
  return 'stream' in source
    ? { stream: source.stream, afterVersion: position }
    : { tenant: source.tenant, afterSeq: position }
}

/** Where an event stands in its source. */
export function positionOf(source: Source, { seq, version }: StoredEvent): number {
  return 'stream' in source ? version : seq
}
