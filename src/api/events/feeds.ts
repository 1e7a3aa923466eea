import { type Deferred, deferred } from '../../kernel/deferred.ts'
import type { Journal, JournalRange, StoredEvent } from '../../kernel/journal.ts'

/** What is watched: one stream, or everything of a tenant. */
export type Source = { readonly stream: string } | { readonly tenant: string }

/** One watcher's view of a source. Positions are versions of a stream, or places in a history. */
export interface Reader {
  /** Events after `position` that are there already, oldest first; some of them when they are many. */
  read(position: number): Promise<readonly StoredEvent[]>
  /** The same, but waits until there is one at least. Rejects with the signal's reason. */
  next(position: number, signal: AbortSignal): Promise<readonly StoredEvent[]>
  leave(): void
}

/** Sources that are being watched. */
export interface Feeds {
  join(source: Source): Reader
  /** Sources that are followed now. */
  readonly size: number
}

/** Events read at once. */
const PAGE = 200
/** Newest events of a source that are kept for its watchers; who is further behind reads itself. */
const WINDOW = 1_000

interface Feed {
  readonly source: Source
  readonly stop: AbortController
  watchers: number
  /** Position before the first event of the window; `undefined` until the source is followed. */
  base: number | undefined
  readonly window: StoredEvent[]
  news: Deferred<void>
  isNewsDue: boolean
  fault: { readonly cause: unknown } | undefined
}

/**
 * Builds the feeds of a process: many watchers of one source cost one follower of the journal.
 *
 * @remarks A watcher reads the past by itself, page by page, and is then handed what comes. It
 * keeps nothing but its position, so a slow one costs no memory.
 */
export function createFeeds(journal: Journal): Feeds {
  const feeds = new Map<string, Feed>()
  const open = (source: Source): Feed => {
    const name = nameOf(source)
    let feed = feeds.get(name)
    if (feed === undefined || feed.fault !== undefined) feeds.set(name, (feed = createFeed(source)))
    return feed
  }
  return {
    join(source) {
      const feed = open(source)
      feed.watchers += 1
      const leave = (): void => {
        feed.watchers -= 1
        if (feed.watchers > 0) return
        feed.stop.abort()
        if (feeds.get(nameOf(source)) === feed) feeds.delete(nameOf(source))
      }
      return createReader(journal, feed, leave)
    },
    get size() {
      return feeds.size
    },
  }
}

function createReader(journal: Journal, feed: Feed, onLeave: () => void): Reader {
  let hasLeft = false
  const read = async (position: number): Promise<readonly StoredEvent[]> => {
    const known = fromWindow(feed, position)
    return known.length > 0 ? known : journal.read(rangeOf(feed.source, position), PAGE)
  }
  return {
    read,
    async next(position, signal) {
      for (;;) {
        signal.throwIfAborted()
        if (feed.fault !== undefined) throw feed.fault.cause
        const news = feed.news.promise
        const known = fromWindow(feed, position)
        if (known.length > 0) return known
        if (isBehind(feed, position)) {
          const page = await journal.read(rangeOf(feed.source, position), PAGE)
          if (page.length > 0) return page
          if (feed.base === undefined) follow(journal, feed, position)
        }
        await untilNews(news, signal)
      }
    },
    leave() {
      if (!hasLeft) onLeave()
      hasLeft = true
    },
  }
}

function createFeed(source: Source): Feed {
  return {
    source,
    stop: new AbortController(),
    watchers: 0,
    base: undefined,
    window: [],
    news: deferred(),
    isNewsDue: false,
    fault: undefined,
  }
}

/** Positions have no gaps, so the place in the window follows from the position. */
function fromWindow({ base, window }: Feed, position: number): readonly StoredEvent[] {
  if (base === undefined || position < base) return []
  return window.slice(position - base, position - base + PAGE)
}

function isBehind({ base }: Feed, position: number): boolean {
  return base === undefined || position < base
}

/** Begins to follow the source after `position`, to which a watcher has read. */
function follow(journal: Journal, feed: Feed, position: number): void {
  feed.base = position
  void fill(journal, feed, position)
}

async function fill(journal: Journal, feed: Feed, position: number): Promise<void> {
  try {
    for await (const event of journal.follow(rangeOf(feed.source, position), feed.stop.signal)) {
      feed.window.push(event)
      if (feed.window.length > WINDOW) {
        const dropped = feed.window.splice(0, WINDOW / 2)
        feed.base = positionOf(feed.source, dropped.at(-1) ?? event)
      }
      tell(feed)
    }
  } catch (cause) {
    // Every watcher is told, and whoever comes back begins with a new feed.
    feed.fault = { cause }
    tell(feed)
  }
}

/** Wakes the watchers once for everything that came in one turn. */
function tell(feed: Feed): void {
  if (feed.isNewsDue) return
  feed.isNewsDue = true
  setImmediate(() => {
    feed.isNewsDue = false
    const { news } = feed
    feed.news = deferred()
    news.resolve()
  })
}

/** Resolves with the news, or when the signal aborts. */
async function untilNews(news: Promise<void>, signal: AbortSignal): Promise<void> {
  const gone = deferred()
  const leave = (): void => gone.resolve()
  signal.addEventListener('abort', leave, { once: true })
  await Promise.race([news, gone.promise])
  signal.removeEventListener('abort', leave)
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

function nameOf(source: Source): string {
  return 'stream' in source ? `stream:${source.stream}` : `tenant:${source.tenant}`
}
