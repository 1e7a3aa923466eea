import type { StoredEvent } from '../../kernel/journal.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { applyToView, createRunView, hasEnded, type RunView } from '../../progress/index.ts'
import type { Chunk, ChunksEnd, ChunkStore } from '../../workflow/index.ts'

import type { From } from './chunks.ts'
import type { EventFeeds } from './event-feeds.ts'
import { createFeeds, type Feeds, type Reader } from './feeds.ts'
import { encodeMessage, gathered } from './sse.ts'

/** Feeds of the text of runs, by their ids. Positions are places in the text of a run. */
export type ChunkFeeds = Feeds<string, Chunk>

/** Builds the feeds of text. */
export function createChunkFeeds(chunks: Pick<ChunkStore, 'read' | 'follow'>): ChunkFeeds {
  return createFeeds((run) => ({
    name: run,
    read: (after, limit) => chunks.read({ run, after }, limit),
    follow: (after, signal) => chunks.follow(run, after, signal),
    positionOf: ({ seq }) => seq,
  }))
}

/** Whose text is watched: of a whole run, of a step, or of one item of its list. */
export interface Watch {
  readonly run: string
  readonly definition: JsonObject
  readonly step?: string | undefined
  readonly index?: number | undefined
}

/** What a watcher of text listens to. */
export interface TextFeeds {
  readonly chunks: ChunkFeeds
  readonly events: EventFeeds
}

/**
 * The text that steps write, as they write it, and `end` when nothing more comes.
 *
 * @remarks A result is committed after the text of its step. So when the end has been heard of,
 * whatever belongs before it is there.
 */
export async function* stepText(
  feeds: TextFeeds,
  watch: Watch,
  { after, signal }: From,
): AsyncGenerator<string, void> {
  const chunks = feeds.chunks.join(watch.run)
  const events = feeds.events.join({ stream: watch.run })
  try {
    const news = createNews(chunks, events, signal)
    let ends: Ends = { view: createRunView(watch.definition), itemEnd: undefined }
    for (let position = after; ;) {
      const end = endOf(ends, watch)
      const came =
        end === undefined
          ? await news.next(position, ends.view.version)
          : await rest({ chunks, events }, position, ends.view.version)
      const { happened = [] } = came
      // What was waited for before an end that was none may have been read since.
      const items = came.items?.filter(({ seq }) => seq > position) ?? []
      if (end !== undefined && items.length + happened.length === 0) {
        yield encodeMessage({ event: 'end', data: JSON.stringify(end) })
        return
      }
      ends = happened.reduce((before, event) => withEvent(before, event, watch), ends)
      yield* gathered(items.filter((item) => isWatched(item, watch)).flatMap(toMessages))
      position = items.at(-1)?.seq ?? position
    }
  } finally {
    chunks.leave()
    events.leave()
  }
}

/** What has come, of either kind. */
interface Came {
  readonly items?: readonly Chunk[]
  readonly happened?: readonly StoredEvent[]
}

/** What is there behind two positions. */
async function rest(
  { chunks, events }: { chunks: Reader<Chunk>; events: Reader<StoredEvent> },
  position: number,
  version: number,
): Promise<Came> {
  return { happened: await events.read(version), items: await chunks.read(position) }
}

interface News {
  next(position: number, version: number): Promise<Came>
}

/** Waits for either kind; what waits on goes on waiting while the other one is looked at. */
function createNews(chunks: Reader<Chunk>, events: Reader<StoredEvent>, signal: AbortSignal): News {
  let nextItems: Promise<Came> | undefined
  let nextEvents: Promise<Came> | undefined
  return {
    async next(position, version) {
      nextItems ??= heard(chunks.next(position, signal).then((items) => ({ items })))
      nextEvents ??= heard(events.next(version, signal).then((happened) => ({ happened })))
      const came = await Promise.race([nextItems, nextEvents])
      if (came.items !== undefined) nextItems = undefined
      else nextEvents = undefined
      return came
    },
  }
}

/** A promise whose fault is told to whoever waits for it next, and is no surprise until then. */
function heard(promise: Promise<Came>): Promise<Came> {
  promise.catch(() => undefined)
  return promise
}

/** What is known of how far the run is. */
interface Ends {
  readonly view: RunView
  /** How the item that is watched has ended. */
  readonly itemEnd: string | undefined
}

function withEvent({ view, itemEnd }: Ends, event: StoredEvent, watch: Watch): Ends {
  return {
    view: applyToView(view, event),
    itemEnd: isOfItem(event, watch) ? ITEM_ENDS.get(event.kind) : itemEnd,
  }
}

const ITEM_ENDS: ReadonlyMap<string, string> = new Map([
  ['step.completed', 'completed'],
  ['step.failed', 'failed'],
])
const RUN_ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled'])

function isOfItem({ data }: StoredEvent, { step, index }: Watch): boolean {
  return index !== undefined && data['step'] === step && data['index'] === index
}

function endOf({ view, itemEnd }: Ends, { step }: Watch): ChunksEnd | undefined {
  const found = view.steps.find(({ name }) => name === step)
  if (found !== undefined && hasEnded(found)) return { of: 'step', status: found.status }
  if (itemEnd !== undefined) return { of: 'step', status: itemEnd }
  return RUN_ENDS.has(view.status) ? { of: 'run', status: view.status } : undefined
}

/** Whether a chunk is of what is watched. */
function isWatched(item: Chunk, { step, index }: Watch): boolean {
  return (step === undefined || item.step === step) && (index === undefined || item.index === index)
}

/** A chunk as messages; one that begins anew says so first. */
function toMessages(item: Chunk): readonly string[] {
  const message = encodeMessage({ id: item.seq.toString(), data: JSON.stringify(item) })
  if (item.attempt === 1 || item.offset > 0) return [message]
  const { step, index, attempt } = item
  const data = JSON.stringify({ step, ...(index !== undefined && { index }), attempt })
  return [encodeMessage({ event: 'superseded', data }), message]
}
