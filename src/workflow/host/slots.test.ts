import { describe, expect, test } from 'vitest'

import { createSlots } from './slots.ts'

/** Has whatever slots are taken. */
const RUNNING = {}

describe('slots', () => {
  test('that are free wake those who wait, in turn', () => {
    const slots = createSlots({ total: 1 })
    const woken: string[] = []
    slots.take(RUNNING)
    for (const name of ['a', 'b']) {
      slots.await({}, () => {
        woken.push(name)
        slots.take(RUNNING)
      })
    }
    slots.give(RUNNING)
    expect(woken).toEqual(['a'])
    slots.give(RUNNING)
    expect([woken, slots.free]).toEqual([['a', 'b'], 0])
  })

  test('go to the next in turn when the one that is woken needs none any more', () => {
    const slots = createSlots({ total: 1 })
    const woken: string[] = []
    slots.take(RUNNING)
    slots.await({}, () => void woken.push('ended meanwhile'))
    slots.await({}, () => {
      woken.push('waits')
      slots.take(RUNNING)
    })
    slots.give(RUNNING)
    expect([woken, slots.free]).toEqual([['ended meanwhile', 'waits'], 0])
  })

  test('are not lost when the one that is woken gives its own back at once', () => {
    const slots = createSlots({ total: 1 })
    const woken: number[] = []
    slots.take(RUNNING)
    for (let n = 0; n < 50_000; n++) {
      slots.await({}, () => {
        slots.take(RUNNING)
        woken.push(n)
        slots.give(RUNNING)
      })
    }
    slots.give(RUNNING)
    expect([woken.length, slots.free]).toEqual([50_000, 1])
  })

  test('are waited for once by each, however often it asks', () => {
    const slots = createSlots({ total: 1 })
    const one = {}
    let calls = 0
    slots.take(RUNNING)
    for (let n = 0; n < 3; n++) slots.await(one, () => void calls++)
    slots.give(RUNNING)
    expect(calls).toBe(1)
  })

  test('have room for as many runs as are free, and for a few that wait', () => {
    const slots = createSlots({ total: 6 })
    expect(slots.room).toBe(6)
    for (let n = 0; n < 6; n++) slots.take(RUNNING)
    expect(slots.room).toBe(3)
    const [a, b] = [{}, {}]
    slots.await(a, () => slots.take(a))
    slots.await(b, () => slots.take(b))
    expect(slots.room).toBe(1)
    slots.give(RUNNING)
    expect([slots.free, slots.room]).toEqual([0, 2])
    slots.give(a)
    expect([slots.free, slots.room]).toEqual([0, 3])
  })

  test('that one run has all of keep no others out', () => {
    const slots = createSlots({ total: 4 })
    for (let n = 0; n < 4; n++) slots.take(RUNNING)
    slots.await(RUNNING, () => slots.take(RUNNING))
    expect(slots.room).toBe(2)
    for (let n = 0; n < 4; n++) {
      slots.give(RUNNING)
      slots.await(RUNNING, () => slots.take(RUNNING))
    }
    expect(slots.room).toBe(2)
  })

  test('tell when there is room for some, not for each', () => {
    let told = 0
    const slots = createSlots({ total: 8, onRoom: () => void told++ })
    for (let n = 0; n < 8; n++) slots.take(RUNNING)
    const waiting = Array.from({ length: 4 }, () => ({}))
    for (const who of waiting) slots.await(who, () => slots.take(who))
    slots.give(RUNNING)
    expect([slots.room, told]).toEqual([1, 0])
    slots.give(RUNNING)
    expect([slots.room, told]).toEqual([2, 1])
  })
})
