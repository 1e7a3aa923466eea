import { describe, expect, test } from 'vitest'

import { deferred } from '../../kernel/deferred.ts'
import { createManualClock } from '../../kernel/testing.ts'

import { encodeMessage, HEARTBEAT } from './sse.ts'
import { createTextStream } from './text-stream.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const decode = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)

function open(chunks: AsyncGenerator<string, void>): {
  clock: ReturnType<typeof createManualClock>
  reader: ReadableStreamDefaultReader<Uint8Array>
  left: () => number
} {
  const clock = createManualClock()
  let left = 0
  const stream = createTextStream({
    chunks,
    clock,
    heartbeat: HEARTBEAT,
    heartbeatMs: 15_000,
    onLeave: () => void (left += 1),
  })
  return { clock, reader: stream.getReader(), left: () => left }
}

describe('a stream of text', () => {
  test('asks for nothing before its reader does', async () => {
    let made = 0
    async function* chunks(): AsyncGenerator<string, void> {
      for (;;) yield `${++made}`
    }
    const { reader } = open(chunks())
    await turn()
    expect(made).toBe(0)
    expect(decode((await reader.read()).value)).toBe('1')
    await turn()
    expect(made).toBe(1)
  })

  test('shows that it lives while nothing comes, and loses nothing', async () => {
    const gate = deferred<string>()
    async function* chunks(): AsyncGenerator<string, void> {
      yield await gate.promise
    }
    const { clock, reader } = open(chunks())
    for (let beat = 0; beat < 3; beat++) {
      const reading = reader.read()
      await turn()
      clock.advance(15_000)
      expect(decode((await reading).value)).toBe(HEARTBEAT)
    }
    const reading = reader.read()
    gate.resolve('at last')
    expect(decode((await reading).value)).toBe('at last')
    expect(clock.pending).toBe(0)
    expect((await reader.read()).done).toBe(true)
  })

  test('tells when its reader leaves', async () => {
    let isOver = false
    const gate = deferred<string>()
    async function* chunks(): AsyncGenerator<string, void> {
      try {
        yield 'first'
        yield await gate.promise
      } finally {
        isOver = true
      }
    }
    const { reader, left } = open(chunks())
    await reader.read()
    const cancelled = reader.cancel()
    gate.resolve('nobody reads this')
    await cancelled
    expect([left(), isOver]).toEqual([1, true])
  })

  test('passes a fault on', async () => {
    async function* chunks(): AsyncGenerator<string, void> {
      yield 'first'
      throw new Error('broken')
    }
    const { reader } = open(chunks())
    await reader.read()
    await expect(reader.read()).rejects.toThrow('broken')
  })
})

test('a message is an id, a name and one line of data', () => {
  expect(encodeMessage({ id: '7', data: '{"a":1}' })).toBe('id: 7\ndata: {"a":1}\n\n')
  expect(encodeMessage({ event: 'end', data: '{}' })).toBe('event: end\ndata: {}\n\n')
})
