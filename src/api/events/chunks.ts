import { z } from 'zod'

import type { StoredEvent } from '../../kernel/journal.ts'
import type { RunRecord, RunState } from '../../workflow/index.ts'
import { event as eventSchema, streamEnd, type Event } from '../schema.ts'

import { type EventFeeds, positionOf, type Source } from './event-feeds.ts'
import { encodeMessage, gathered } from './sse.ts'

const FINAL: ReadonlySet<string> = new Set<RunState>(['completed', 'failed', 'cancelled'])

/** Where a watcher begins. */
export interface From {
  readonly after: number
  readonly signal: AbortSignal
}

/**
 * The events of a run as they happen, and `end` after its last one.
 *
 * @remarks A failed run may be resumed: `end` comes when nothing follows the final event, and who
 * watches a resumed run again is given what came since.
 */
export async function* runChunks(
  feeds: EventFeeds,
  run: RunRecord,
  { after, signal }: From,
): AsyncGenerator<string, void> {
  const source = { stream: run.id }
  const reader = feeds.join(source)
  try {
    let position = after
    let end = FINAL.has(run.status) ? run.status : undefined
    let batch = await reader.read(position)
    while (batch.length > 0 || end === undefined) {
      yield* encodeEvents(source, batch)
      const last = batch.at(-1)
      if (last !== undefined) {
        position = last.version
        end = endOf(last)
      }
      batch = end === undefined ? await reader.next(position, signal) : await reader.read(position)
    }
    yield encodeMessage({ event: 'end', data: JSON.stringify(streamEnd.parse({ status: end })) })
  } finally {
    reader.leave()
  }
}

/** Everything of a tenant as it happens. */
export async function* tenantChunks(
  feeds: EventFeeds,
  tenant: string,
  { after, signal }: From,
): AsyncGenerator<string, void> {
  const source = { tenant }
  const reader = feeds.join(source)
  try {
    for (let position = after; ;) {
      const batch = await reader.next(position, signal)
      yield* encodeEvents(source, batch)
      const last = batch.at(-1)
      if (last !== undefined) position = last.seq
    }
  } finally {
    reader.leave()
  }
}

/** The state a run ends in with this event; `undefined` when it goes on. */
function endOf({ kind }: StoredEvent): RunState | undefined {
  switch (kind) {
    case 'run.completed':
      return 'completed'
    case 'run.failed':
      return 'failed'
    case 'run.cancelled':
      return 'cancelled'
    default:
      return undefined
  }
}

function encodeEvents(
  source: Source,
  events: readonly StoredEvent[],
): Generator<string, void, undefined> {
  return gathered(
    events.map((each) => {
      const data = JSON.stringify(z.encode(eventSchema, toEvent(each)))
      return encodeMessage({ id: positionOf(source, each).toString(), data })
    }),
  )
}

/** An event as clients see it: whose it is they know. */
export function toEvent({ seq, stream, version, kind, at, data }: StoredEvent): Event {
  return { seq, stream, version, kind, at, data }
}
