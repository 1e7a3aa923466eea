import { type Deferred, deferred } from '../../kernel/deferred.ts'

/** Something that is watched: it grows at its end, and every item has a position above the last one's. */
export interface Watched<Item> {
  /** Told apart by this. */
  readonly name: string
  /** Items behind a position, oldest first, at most `limit`. */
  read(position: number, limit: number): Promise<readonly Item[]>
  /** The same, and then each new one, until `signal` aborts. */
  follow(position: number, signal: AbortSignal): AsyncIterable<Item>
  positionOf(item: Item): number
}

/** One watcher's view of what is watched. */
export interface Reader<Item> {
  /** Items after `position` that are there already, oldest first; some of them when they are many. */
  read(position: number): Promise<readonly Item[]>
  /** The same, but waits until there is one at least. Rejects with the signal's reason. */
  next(position: number, signal: AbortSignal): Promise<readonly Item[]>
  leave(): void
}

/** Things of one kind that are being watched. */
export interface Feeds<Source, Item> {
  join(source: Source): Reader<Item>
  /** How many are followed now. */
  readonly size: number
}

/** Items read at once. */
const PAGE = 200
/** Newest items that are kept for their watchers; who is further behind reads itself. */
const WINDOW = 1_000

interface Feed<Item> {
  readonly watched: Watched<Item>
  readonly stop: AbortController
  watchers: number
  /** Position before the first item of the window; `undefined` until it is followed. */
  base: number | undefined
  readonly window: Item[]
  news: Deferred<void>
  isNewsDue: boolean
  fault: { readonly cause: unknown } | undefined
}

/**
 * Builds the feeds of a process: many watchers of one thing cost one follower.
 *
 * @remarks A watcher reads the past by itself, page by page, and is then handed what comes. It
 * keeps nothing but its position, so a slow one costs no memory.
 */
export function createFeeds<Source, Item>(
  watch: (source: Source) => Watched<Item>,
): Feeds<Source, Item> {
  const feeds = new Map<string, Feed<Item>>()
  return {
    join(source) {
      const watched = watch(source)
      const { name } = watched
      let feed = feeds.get(name)
      if (feed === undefined || feed.fault !== undefined)
        feeds.set(name, (feed = createFeed(watched)))
      const joined = feed
      joined.watchers += 1
      return createReader(joined, () => {
        joined.watchers -= 1
        if (joined.watchers > 0) return
        joined.stop.abort()
        if (feeds.get(name) === joined) feeds.delete(name)
      })
    },
    get size() {
      return feeds.size
    },
  }
}

function createReader<Item>(feed: Feed<Item>, onLeave: () => void): Reader<Item> {
  const { watched } = feed
  let hasLeft = false
  return {
    async read(position) {
      const known = fromWindow(feed, position)
      return known.length > 0 ? known : watched.read(position, PAGE)
    },
    async next(position, signal) {
      for (;;) {
        signal.throwIfAborted()
        if (feed.fault !== undefined) throw feed.fault.cause
        const news = feed.news.promise
        const known = fromWindow(feed, position)
        if (known.length > 0) return known
        if (isBehind(feed, position)) {
          const page = await watched.read(position, PAGE)
          if (page.length > 0) return page
          if (feed.base === undefined) follow(feed, position)
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

function createFeed<Item>(watched: Watched<Item>): Feed<Item> {
  return {
    watched,
    stop: new AbortController(),
    watchers: 0,
    base: undefined,
    window: [],
    news: deferred(),
    isNewsDue: false,
    fault: undefined,
  }
}

function fromWindow<Item>(
  { base, window, watched }: Feed<Item>,
  position: number,
): readonly Item[] {
  if (base === undefined || position < base) return []
  const from = firstBehind(window, (item) => watched.positionOf(item) > position)
  return window.slice(from, from + PAGE)
}

/** Index of the first item that is behind, in a list where all that follow it are. */
function firstBehind<Item>(items: readonly Item[], isBehindIt: (item: Item) => boolean): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && isBehindIt(item)) high = middle
    else low = middle + 1
  }
  return low
}

function isBehind({ base }: Pick<Feed<unknown>, 'base'>, position: number): boolean {
  return base === undefined || position < base
}

/** Begins to follow after `position`, to which a watcher has read. */
function follow<Item>(feed: Feed<Item>, position: number): void {
  feed.base = position
  void fill(feed, position)
}

async function fill<Item>(feed: Feed<Item>, position: number): Promise<void> {
  const { watched, window, stop } = feed
  try {
    for await (const item of watched.follow(position, stop.signal)) {
      window.push(item)
      if (window.length > WINDOW) {
        const dropped = window.splice(0, WINDOW / 2)
        feed.base = watched.positionOf(dropped.at(-1) ?? item)
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
function tell<Item>(feed: Feed<Item>): void {
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
