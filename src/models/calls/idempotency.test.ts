import { expect, test } from 'vitest'

import { hashJson } from '../../kernel/hash.ts'
import { createManualClock } from '../../kernel/testing.ts'

import { createIdempotency } from './idempotency.ts'

const print = hashJson({ q: 1 })

test('one key makes one call, running or finished', async () => {
  const memory = createIdempotency<number>(createManualClock())
  let calls = 0
  const work = async (): Promise<number> => ++calls
  const both = await Promise.all([memory.run('k', print, work), memory.run('k', print, work)])
  expect([...both, await memory.run('k', print, work), calls]).toEqual([1, 1, 1, 1])
})

test('another key, or the same much later, makes another', async () => {
  const clock = createManualClock()
  const memory = createIdempotency<number>(clock)
  let calls = 0
  const work = async (): Promise<number> => ++calls
  await memory.run('k', print, work)
  expect(await memory.run('other', print, work)).toBe(2)
  clock.advance(600_000)
  expect(await memory.run('k', print, work)).toBe(3)
})

test('a key with another request is a conflict', async () => {
  const memory = createIdempotency<number>(createManualClock())
  await memory.run('k', print, async () => 1)
  await expect(memory.run('k', hashJson({ q: 2 }), async () => 2)).rejects.toMatchObject({
    code: 'models.idempotency-conflict',
  })
})

test('a failure is not remembered, and who waited for it tries alone', async () => {
  const memory = createIdempotency<string>(createManualClock())
  const first = memory.run('k', print, () => Promise.reject(new Error('aborted by its caller')))
  const second = memory.run('k', print, async () => 'mine')
  await expect(first).rejects.toThrow('aborted')
  expect(await second).toBe('mine')
  expect(await memory.run('k', print, async () => 'later')).toBe('later')
})

test('the oldest are forgotten beyond a thousand', async () => {
  const memory = createIdempotency<number>(createManualClock())
  const keys = Array.from({ length: 1_001 }, (_, index) => `k${index}`)
  await Promise.all(keys.map((key) => memory.run(key, print, async () => 1)))
  expect(await memory.run('k0', print, async () => 2)).toBe(2)
  expect(await memory.run('k1000', print, async () => 2)).toBe(1)
})
