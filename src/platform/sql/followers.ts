import type { Clock } from '../../kernel/clock.ts'
import { deferred } from '../../kernel/deferred.ts'

import type { Database } from './database.ts'

/** Other processes are told at most this often, milliseconds; a NOTIFY serialises commits. */
const NOTIFY_EVERY_MS = 40
/** Followers look by themselves this often, milliseconds: a notification may have been lost. */
const LOOK_EVERY_MS = 2_000
/** Longest list of keys in a notification, bytes; PostgreSQL takes 8,000. */
const LONGEST_PAYLOAD = 7_000

/** Something that grows at its end. */
export interface Growing<Item> {
  /** What its followers are woken by. */
  readonly key: string
  /** What stands behind a position, in order; some of it when it is much. */
  read(position: number): Promise<readonly Item[]>
  positionOf(item: Item): number
}

/** Those who wait for what is committed, here and in other processes. */
export interface Followers {
  /** Tells that something was committed under these keys; they are asked for if anybody wants them. */
  committed(keysOf: () => ReadonlySet<string>): void
  /** What stands behind a position, and then each new item as it is committed, until `signal` aborts. */
  follow<Item>(
    growing: Growing<Item>,
    position: number,
    signal: AbortSignal,
  ): AsyncGenerator<Item, void>
  close(): void
}

/** What {@link openFollowers} needs. */
export interface FollowersDeps {
  readonly database: Database
  readonly clock: Clock
  readonly channel: string
  /** Whether other processes are told what has changed, or only that something has. */
  readonly namesKeys: boolean
}

/** Opens the waiting room of a process for one channel of notifications. */
export async function openFollowers(deps: FollowersDeps): Promise<Followers> {
  const { database, clock, channel, namesKeys } = deps
  const wakers: Wakers = new Map()
  const stopListening = await database.listen(channel, (payload) => {
    const keys = payload === '' ? wakers.keys() : payload.split(',')
    for (const key of keys) wake(wakers, key)
  })
  let untold = new Set<string>()
  let cancelNotify: (() => void) | undefined
  const tellOthers = (): void => {
    cancelNotify = undefined
    const payload = namesKeys ? [...untold].join(',') : ''
    untold = new Set()
    // A lost hint costs others one look's delay; the connection's own fault is reported elsewhere.
    database.notify(channel, payload.length > LONGEST_PAYLOAD ? '' : payload).catch(() => undefined)
  }
  return {
    committed(keysOf) {
      const keys = wakers.size > 0 || namesKeys ? keysOf() : []
      for (const key of keys) {
        wake(wakers, key)
        if (namesKeys) untold.add(key)
      }
      cancelNotify ??= clock.after(NOTIFY_EVERY_MS, tellOthers)
    },
    follow: (growing, position, signal) => follow({ clock, wakers }, { growing, position }, signal),
    close() {
      stopListening()
      cancelNotify?.()
    },
  }
}

/** Those who wait, by what they wait for. */
type Wakers = Map<string, Set<() => void>>

function wake(wakers: Wakers, key: string): void {
  for (const each of wakers.get(key) ?? []) each()
}

interface Room {
  readonly clock: Clock
  readonly wakers: Wakers
}

async function* follow<Item>(
  room: Room,
  from: { readonly growing: Growing<Item>; readonly position: number },
  signal: AbortSignal,
): AsyncGenerator<Item, void> {
  const { growing } = from
  let { position } = from
  while (!signal.aborted) {
    const news = armWake(room, growing.key, signal)
    let page: readonly Item[]
    try {
      page = await growing.read(position)
      if (page.length === 0) await news.arrived
    } finally {
      news.disarm()
    }
    for (const item of page) {
      if (signal.aborted) return
      yield item
      position = growing.positionOf(item)
    }
  }
}

/** Armed before the look, so that a commit between look and wait is not missed. */
function armWake(
  { clock, wakers }: Room,
  key: string,
  signal: AbortSignal,
): { readonly arrived: Promise<void>; disarm(): void } {
  const news = deferred()
  const waker = (): void => news.resolve()
  const cancel = clock.after(LOOK_EVERY_MS, waker)
  const waiting = wakers.get(key) ?? new Set()
  wakers.set(key, waiting.add(waker))
  signal.addEventListener('abort', waker, { once: true })
  return {
    arrived: news.promise,
    disarm() {
      cancel()
      waiting.delete(waker)
      if (waiting.size === 0 && wakers.get(key) === waiting) wakers.delete(key)
      signal.removeEventListener('abort', waker)
    },
  }
}
