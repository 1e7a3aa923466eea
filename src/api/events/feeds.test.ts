import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { StoredEvent } from '../../kernel/journal.ts'
import { createMemoryJournal, type MemoryJournal } from '../testing.ts'

import { createEventFeeds, type EventFeeds, type Source } from './event-feeds.ts'

const RUN = { stream: 'run_1' }
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const open = (): { journal: MemoryJournal; feeds: EventFeeds } => {
  const journal = createMemoryJournal()
  return { journal, feeds: createEventFeeds(journal) }
}
const append = (journal: MemoryJournal, stream = 'run_1'): void =>
  journal.append({ tenant: 'acme', stream, kind: 'step.started' })

/** Reads until `count` events have come. */
async function collect(feeds: EventFeeds, source: Source, count: number): Promise<StoredEvent[]> {
  const reader = feeds.join(source)
  const seen: StoredEvent[] = []
  const { signal } = new AbortController()
  while (seen.length < count) {
    const last = seen.at(-1)
    const position = last === undefined ? 0 : 'stream' in source ? last.version : last.seq
    seen.push(...(await reader.next(position, signal)))
  }
  reader.leave()
  return seen
}

describe('feeds', () => {
  test('the past, and then what comes', async () => {
    const { journal, feeds } = open()
    append(journal)
    append(journal)
    const reading = collect(feeds, RUN, 4)
    await turn()
    append(journal, 'run_2')
    append(journal)
    append(journal)
    expect((await reading).map(({ version }) => version)).toEqual([1, 2, 3, 4])
  })

  test('many watchers cost one follower, which ends with the last of them', async () => {
    const { journal, feeds } = open()
    append(journal)
    const readings = Array.from({ length: 50 }, () => collect(feeds, RUN, 3))
    await turn()
    const readsBefore = journal.reads
    expect([journal.followers, feeds.size]).toEqual([1, 1])
    append(journal)
    append(journal)
    for (const seen of await Promise.all(readings)) expect(seen).toHaveLength(3)
    expect(journal.reads - readsBefore).toBeLessThan(10)
    await turn()
    expect([journal.followers, feeds.size]).toEqual([0, 0])
  })

  test('a watcher far behind the window reads by itself', async () => {
    const { journal, feeds } = open()
    const ahead = feeds.join(RUN)
    const waiting = ahead.next(0, new AbortController().signal)
    await turn()
    for (let n = 0; n < 1_700; n++) append(journal)
    await waiting
    await turn()
    const seen = await collect(feeds, RUN, 1_700)
    expect(seen.map(({ version }) => version)).toEqual(seen.map((_, index) => index + 1))
    ahead.leave()
  })

  test('a broken follower fails its watchers; whoever comes back has a new one', async () => {
    const { journal, feeds } = open()
    const reader = feeds.join(RUN)
    const waiting = reader.next(0, new AbortController().signal)
    await turn()
    journal.fail(new Error('the database is away'))
    await expect(waiting).rejects.toThrow('the database is away')
    reader.leave()
    reader.leave()
    expect(feeds.size).toBe(0)
  })

  test('a watcher that leaves while it waits is let go', async () => {
    const { feeds } = open()
    const leave = new AbortController()
    const reader = feeds.join({ tenant: 'acme' })
    const waiting = reader.next(0, leave.signal)
    await turn()
    leave.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    reader.leave()
  })

  test.prop([
    fc.array(fc.oneof(fc.constant('append'), fc.constant('turn'), fc.constant('join')), {
      maxLength: 60,
    }),
  ])('whoever joins when, everybody sees every event once and in order', async (actions) => {
    const { journal, feeds } = open()
    const total = actions.filter((action) => action === 'append').length
    const readings: Promise<StoredEvent[]>[] = []
    for (const action of actions) {
      if (action === 'append') append(journal)
      if (action === 'turn') await turn()
      if (action === 'join') readings.push(collect(feeds, RUN, total))
    }
    const expected = Array.from({ length: total }, (_, n) => n + 1)
    for (const seen of await Promise.all(readings)) {
      expect(seen.map(({ version }) => version)).toEqual(expected)
    }
    expect(feeds.size).toBe(0)
  })
})
