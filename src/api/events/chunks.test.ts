import { describe, expect, test } from 'vitest'

import { toMicroFtns } from '../../kernel/money.ts'
import type { RunRecord, RunState } from '../../workflow/index.ts'
import { createMemoryJournal } from '../testing.ts'

import { runChunks, tenantChunks } from './chunks.ts'
import { createEventFeeds } from './event-feeds.ts'

const runWith = (status: RunState): RunRecord => ({
  id: 'run_1',
  tenant: 'acme',
  name: 'x',
  definition: 'sha256:0',
  status,
  createdAt: 1,
  cost: toMicroFtns(0n),
})
const { signal } = new AbortController()

async function textOf(
  kinds: readonly `${string}.${string}`[],
  status: RunState,
  after = 0,
): Promise<string> {
  const journal = createMemoryJournal()
  for (const kind of kinds) journal.append({ tenant: 'acme', stream: 'run_1', kind })
  let text = ''
  for await (const chunk of runChunks(createEventFeeds(journal), runWith(status), {
    after,
    signal,
  }))
    text += chunk
  return text
}
const idsIn = (text: string): string[] =>
  [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id ?? '')

describe('the events of a run', () => {
  test('end after the final one', async () => {
    const text = await textOf(['run.created', 'run.started', 'run.failed'], 'failed')
    expect(idsIn(text)).toEqual(['1', '2', '3'])
    expect(text.endsWith('event: end\ndata: {"status":"failed"}\n\n')).toBe(true)
  })

  test('go on after a failure that was followed by a resumption', async () => {
    const text = await textOf(
      ['run.created', 'run.failed', 'run.resumed', 'run.completed'],
      'completed',
    )
    expect(idsIn(text)).toEqual(['1', '2', '3', '4'])
    expect(text.match(/event: end/g)).toHaveLength(1)
    expect(text).toContain('{"status":"completed"}')
  })

  test('end at once for whoever has seen all of them', async () => {
    expect(await textOf(['run.created', 'run.cancelled'], 'cancelled', 2)).toBe(
      'event: end\ndata: {"status":"cancelled"}\n\n',
    )
  })

  test('a failed run that was resumed meanwhile is watched on', async () => {
    const text = await textOf(
      ['run.created', 'run.failed', 'run.resumed', 'run.completed'],
      'failed',
      2,
    )
    expect(idsIn(text)).toEqual(['3', '4'])
  })

  test('one that was resumed a moment ago has not ended', async () => {
    const journal = createMemoryJournal()
    for (const kind of ['run.created', 'run.failed', 'run.resumed'] as const) {
      journal.append({ tenant: 'acme', stream: 'run_1', kind })
    }
    const feeds = createEventFeeds(journal)
    const chunks = runChunks(feeds, runWith('failed'), { after: 2, signal })
    expect(idsIn((await chunks.next()).value ?? '')).toEqual(['3'])
    const next = chunks.next()
    await new Promise<void>((resolve) => void setImmediate(resolve))
    journal.append({ tenant: 'acme', stream: 'run_1', kind: 'run.completed' })
    expect(idsIn((await next).value ?? '')).toEqual(['4'])
    expect((await chunks.next()).value).toContain('{"status":"completed"}')
    expect((await chunks.next()).done).toBe(true)
  })

  test('thousands of them come in chunks of bounded size', async () => {
    const kinds = Array.from({ length: 3_000 }, () => 'step.started' as const)
    const journal = createMemoryJournal()
    for (const kind of [...kinds, 'run.completed' as const])
      journal.append({ tenant: 'acme', stream: 'run_1', kind, data: { text: 'x'.repeat(1_000) } })
    const sizes: number[] = []
    for await (const chunk of runChunks(createEventFeeds(journal), runWith('completed'), {
      after: 0,
      signal,
    }))
      sizes.push(chunk.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024)
    expect(sizes.length).toBeGreaterThan(40)
  })

  test('a tenant’s are those of all its runs, until the watcher leaves', async () => {
    const journal = createMemoryJournal()
    for (const stream of ['run_1', 'run_2'])
      journal.append({ tenant: 'acme', stream, kind: 'run.created' })
    journal.append({ tenant: 'other', stream: 'run_3', kind: 'run.created' })
    const leave = new AbortController()
    const feeds = createEventFeeds(journal)
    const chunks = tenantChunks(feeds, 'acme', { after: 0, signal: leave.signal })
    const first = await chunks.next()
    expect(idsIn(first.value ?? '')).toEqual(['1', '2'])
    const waiting = chunks.next()
    leave.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    expect(feeds.size).toBe(0)
  })
})
