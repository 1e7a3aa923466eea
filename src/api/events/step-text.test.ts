import { setMaxListeners } from 'node:events'

import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../../kernel/json.ts'
import type { Chunk } from '../../workflow/index.ts'
import {
  createMemoryChunks,
  createMemoryJournal,
  type MemoryChunks,
  type MemoryJournal,
} from '../testing.ts'

import { createEventFeeds } from './event-feeds.ts'
import { createChunkFeeds, stepText, type TextFeeds, type Watch } from './step-text.ts'

const definition: JsonObject = {
  apiVersion: 'prsm/v1',
  name: 'x',
  steps: { a: { uses: 'model' }, b: { uses: 'model', forEach: ['x', 'y'] } },
}
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

interface Stage {
  readonly journal: MemoryJournal
  readonly chunks: MemoryChunks
  readonly feeds: TextFeeds
  happen(kind: `${string}.${string}`, data?: JsonObject): void
  write(text: string, more?: Partial<Chunk>): void
}

function open(): Stage {
  const journal = createMemoryJournal()
  const chunks = createMemoryChunks()
  const ends = new Map<string, number>()
  const happen: Stage['happen'] = (kind, data = {}) =>
    journal.append({ tenant: 'acme', stream: 'run_1', kind, data })
  happen('run.created')
  happen('run.started')
  return {
    journal,
    chunks,
    feeds: { chunks: createChunkFeeds(chunks), events: createEventFeeds(journal) },
    happen,
    write(text, more = {}) {
      const unit = { step: 'a', attempt: 1, ...more }
      const key = JSON.stringify(unit)
      const offset = ends.get(key) ?? 0
      ends.set(key, offset + text.length)
      chunks.append('run_1', { ...unit, offset, text })
    },
  }
}

/** What a watcher hears until the end, a message a line. */
async function hear(
  { feeds }: Stage,
  watch: Partial<Watch> = {},
  after = 0,
  signal = new AbortController().signal,
): Promise<string[]> {
  let text = ''
  const source = stepText(feeds, { run: 'run_1', definition, ...watch }, { after, signal })
  for await (const part of source) text += part
  return text
    .split('\n\n')
    .filter((message) => message !== '')
    .map((message) => message.replaceAll('\n', ' '))
}
const started = { step: 'a', attempt: 1 }
const done = { step: 'a', output: 'x', ms: 1 }
const END = 'event: end data: {"of":"run","status":"completed"}'

describe('the text of a run', () => {
  test('comes as it is written, and ends with the run', async () => {
    const stage = open()
    stage.write('one ')
    const heard = hear(stage)
    await turn()
    stage.happen('step.started', started)
    stage.write('two')
    stage.happen('step.completed', done)
    await turn()
    stage.write('three', { step: 'b', index: 1 })
    stage.happen('run.completed')
    expect(await heard).toEqual([
      'id: 1 data: {"seq":1,"step":"a","attempt":1,"offset":0,"text":"one "}',
      'id: 2 data: {"seq":2,"step":"a","attempt":1,"offset":4,"text":"two"}',
      'id: 3 data: {"seq":3,"step":"b","attempt":1,"index":1,"offset":0,"text":"three"}',
      END,
    ])
  })

  test('goes on behind the place that a watcher names', async () => {
    const stage = open()
    stage.write('one ')
    stage.write('two')
    stage.happen('run.completed')
    expect(await hear(stage, {}, 1)).toEqual([
      'id: 2 data: {"seq":2,"step":"a","attempt":1,"offset":4,"text":"two"}',
      END,
    ])
    expect(await hear(stage, {}, 2)).toEqual([END])
  })

  test('says when a step begins to write anew, also to whoever comes back', async () => {
    const stage = open()
    stage.write('broken')
    const heard = hear(stage)
    await turn()
    stage.chunks.void('run_1', { step: 'a', attempt: 2 })
    stage.write('whole', { attempt: 2 })
    stage.happen('run.completed')
    const anew = [
      'event: superseded data: {"step":"a","attempt":2}',
      'id: 2 data: {"seq":2,"step":"a","attempt":2,"offset":0,"text":"whole"}',
      END,
    ]
    expect(await heard).toEqual([expect.stringContaining('broken'), ...anew])
    expect(await hear(stage)).toEqual(anew)
    expect(await hear(stage, {}, 1)).toEqual(anew)
  })

  test('of one step ends with the step, and holds nothing of others', async () => {
    const stage = open()
    stage.happen('step.started', started)
    stage.write('other', { step: 'b', index: 0 })
    const heard = hear(stage, { step: 'a' })
    await turn()
    stage.write('one')
    stage.happen('step.completed', done)
    expect(await heard).toEqual([
      expect.stringContaining('"one"'),
      'event: end data: {"of":"step","status":"completed"}',
    ])
  })

  test('of one item ends with the item, however it ends', async () => {
    const stage = open()
    const item = { step: 'b', index: 1 }
    stage.happen('step.expanded', { step: 'b', count: 2 })
    stage.happen('step.started', { ...item, attempt: 1 })
    const heard = hear(stage, item)
    await turn()
    stage.write('zero', { step: 'b', index: 0 })
    stage.happen('step.completed', { ...done, step: 'b', index: 0 })
    stage.write('one', item)
    stage.happen('step.failed', { ...item, error: { code: 'x.y', message: 'z' } })
    expect(await heard).toEqual([
      expect.stringContaining('"one"'),
      'event: end data: {"of":"step","status":"failed"}',
    ])
  })

  test('that failed and was resumed goes on, and nothing comes twice', async () => {
    const stage = open()
    const heard = hear(stage)
    await turn()
    stage.write('one')
    stage.happen('run.failed', { error: { code: 'x.y', message: 'z' } })
    stage.happen('run.resumed', { reason: 'redrive' })
    await turn()
    stage.write('two', { attempt: 2 })
    stage.happen('run.completed')
    expect((await heard).map((message) => /"text":"(\w+)"/.exec(message)?.[1])).toEqual([
      'one',
      undefined,
      'two',
      undefined,
    ])
  })

  test('costs one follower of each kind, however many watch, and none when they leave', async () => {
    const stage = open()
    const leave = new AbortController()
    setMaxListeners(0, leave.signal)
    const all = Array.from({ length: 20 }, () => hear(stage, {}, 0, leave.signal))
    const left = Promise.allSettled(all)
    for (let n = 0; n < 5; n++) await turn()
    expect([stage.chunks.followers, stage.journal.followers]).toEqual([1, 1])
    leave.abort(new Error('left'))
    expect((await left).every(({ status }) => status === 'rejected')).toBe(true)
    await turn()
    expect([stage.chunks.followers, stage.journal.followers]).toEqual([0, 0])
    expect([stage.feeds.chunks.size, stage.feeds.events.size]).toEqual([0, 0])
  })
})
