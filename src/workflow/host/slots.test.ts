import { describe, expect, test } from 'vitest'

import { createSlots } from './slots.ts'

describe('slots', () => {
  test('that are free wake those who wait, in turn', () => {
    const slots = createSlots(1)
    const woken: string[] = []
    slots.take()
    for (const name of ['a', 'b']) {
      slots.await({}, () => {
        woken.push(name)
        slots.take()
      })
    }
    slots.give()
    expect(woken).toEqual(['a'])
    slots.give()
    expect([woken, slots.free]).toEqual([['a', 'b'], 0])
  })

  test('go to the next in turn when the one that is woken needs none any more', () => {
    const slots = createSlots(1)
    const woken: string[] = []
    slots.take()
    slots.await({}, () => void woken.push('ended meanwhile'))
    slots.await({}, () => {
      woken.push('waits')
      slots.take()
    })
    slots.give()
    expect([woken, slots.free]).toEqual([['ended meanwhile', 'waits'], 0])
  })

  test('are not lost when the one that is woken gives its own back at once', () => {
    const slots = createSlots(1)
    const woken: number[] = []
    slots.take()
    for (let n = 0; n < 50_000; n++) {
      slots.await({}, () => {
        slots.take()
        woken.push(n)
        slots.give()
      })
    }
    slots.give()
    expect([woken.length, slots.free]).toEqual([50_000, 1])
  })

  test('are waited for once by each, however often it asks', () => {
    const slots = createSlots(1)
    const one = {}
    let calls = 0
    slots.take()
    for (let n = 0; n < 3; n++) slots.await(one, () => void calls++)
    slots.give()
    expect(calls).toBe(1)
  })
})
