import { describe, expect, test } from 'vitest'

import { createIds } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { createSeededRandom } from '../../kernel/random.ts'
import { createManualClock, type ManualClock } from '../../kernel/testing.ts'

import type { NewChunk } from './chunk-store.ts'
import { openTelling, type OpenTelling } from './telling.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

interface Setting {
  readonly clock: ManualClock
  readonly telling: OpenTelling
  readonly written: NewChunk[]
  readonly texts: () => string[]
  /** Lets writes end that are under way. */
  settle: ((fault?: Error) => void)[]
}

function open(isSlow = false): Setting {
  const clock = createManualClock()
  const written: NewChunk[] = []
  const settle: Setting['settle'] = []
  const chunks = {
    write(chunk: NewChunk): Promise<void> {
      written.push(chunk)
      if (!isSlow) return Promise.resolve()
      return new Promise((resolve, reject) => {
        settle.push((fault) => (fault === undefined ? resolve() : reject(fault)))
      })
    },
  }
  const ids = createIds({ clock, random: createSeededRandom(1) })
  const unit = { run: 'run_1', step: 'draft', index: undefined, holder: { worker: 'work_1' } }
  const telling = openTelling(
    { chunks, clock, ids, log: silentLog },
    { ...unit, hidden: () => ['hunter2'] },
  )
  return { clock, telling, written, settle, texts: () => written.map(({ text }) => text) }
}

describe('telling', () => {
  test('writes what came in a tenth of a second together', async () => {
    const { clock, telling, texts } = open()
    for (let n = 0; n < 250; n++) {
      telling.tell(`${n % 10}`)
      clock.advance(1)
      await turn()
    }
    expect(texts().map(({ length }) => length)).toEqual([100, 100])
    await telling.end()
    expect(texts().join('')).toBe('0123456789'.repeat(25))
    expect(clock.pending).toBe(0)
  })

  test('writes at once what is much, but one piece at a time', async () => {
    const { clock, telling, texts, settle } = open(true)
    for (let n = 0; n < 20; n++) telling.tell('x'.repeat(1_000))
    expect(texts().map(({ length }) => length)).toEqual([5_000])
    clock.advance(1_000)
    expect(texts()).toHaveLength(1)
    settle[0]?.()
    await turn()
    expect(texts().map(({ length }) => length)).toEqual([5_000, 15_000])
  })

  test('hands in the rest at its end, whatever is under way, and nothing more', async () => {
    const { clock, telling, texts, settle } = open(true)
    telling.tell('x'.repeat(5_000))
    telling.tell('rest')
    const ended = telling.end()
    expect(texts().at(-1)).toBe('rest')
    telling.tell('late')
    telling.startOver()
    clock.advance(1_000)
    for (const end of settle) end()
    await ended
    expect(texts()).toHaveLength(2)
  })

  test('begins anew under another token, from offset 0', async () => {
    const { clock, telling, written } = open()
    telling.tell('broken')
    clock.advance(100)
    await turn()
    telling.tell('forgotten')
    telling.startOver()
    telling.tell('whole')
    await telling.end()
    expect(written.map(({ offset, text }) => [offset, text])).toEqual([
      [0, 'broken'],
      [0, 'whole'],
    ])
    expect(new Set(written.map(({ token }) => token)).size).toBe(2)
  })

  test('keeps hidden values out, also one that two pieces share', async () => {
    const { clock, telling, texts } = open()
    telling.tell('the key is hunt')
    clock.advance(100)
    await turn()
    telling.tell('er2, as told')
    await telling.end()
    expect(texts()).toEqual(['the key is ', '[secret], as told'])
  })

  test('a write that fails ends the telling, and nothing else', async () => {
    const { clock, telling, texts, settle } = open(true)
    telling.tell('one')
    clock.advance(100)
    settle[0]?.(new Error('the database is away'))
    await turn()
    telling.tell('two')
    clock.advance(1_000)
    await telling.end()
    expect(texts()).toEqual(['one'])
  })

  test('one that tells nothing writes nothing', async () => {
    const { telling, written } = open()
    telling.tell('')
    await telling.end()
    expect(written).toEqual([])
  })
})
