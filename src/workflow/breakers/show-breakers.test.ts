import { describe, expect, test } from 'vitest'

import type { Breakers, CircuitChange, CircuitReport } from '../../kernel/breakers.ts'
import { type Log, silentLog } from '../../kernel/log.ts'

import type { BreakerBoard, BreakerReset } from './breaker-board.ts'
import { showBreakers } from './show-breakers.ts'

interface Bench {
  readonly shown: (readonly CircuitReport[])[]
  readonly resets: string[]
  readonly errors: string[]
  /** What the next one who shows something is asked to close. */
  asked: readonly BreakerReset[]
  isAway: boolean
  reports: readonly CircuitReport[]
  change(): void
  wake(): void
  readonly show: Awaited<ReturnType<typeof showBreakers>>
}

const ill: CircuitReport = {
  dependency: 'http:a',
  state: 'open',
  since: 1,
  calls: 5,
  faults: 5,
  opened: 1,
}

async function bench(): Promise<Bench> {
  const hearing = new Set<(change: CircuitChange) => void>()
  const waking = new Set<() => void>()
  const state: Omit<Bench, 'show'> = {
    shown: [],
    resets: [],
    errors: [],
    asked: [],
    isAway: false,
    reports: [],
    change() {
      const change = { dependency: { name: 'http:a' }, from: 'closed', to: 'open' } as const
      for (const hear of hearing) hear(change)
    },
    wake() {
      for (const wake of waking) wake()
    },
  }
  const breakers: Breakers = {
    call: ({ run }) => run(),
    list: () => state.reports,
    reset(dependency) {
      state.resets.push(dependency)
      state.reports = []
      state.change()
      return 1
    },
    onChange(listener) {
      hearing.add(listener)
      return () => void hearing.delete(listener)
    },
  }
  const board: BreakerBoard = {
    async show(_worker, reports) {
      if (state.isAway) throw new Error('the database is away')
      state.shown.push(reports)
      const { asked } = state
      state.asked = []
      return asked
    },
    list: async () => [],
    ask: async () => 0,
    async listen(wake) {
      waking.add(wake)
      return () => void waking.delete(wake)
    },
  }
  const log: Log = { ...silentLog, error: (event) => state.errors.push(event) }
  const show = await showBreakers({ breakers, board, log }, () => 'work_1')
  return Object.assign(state, { show })
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('a worker', () => {
  test('shows nothing before it has called anything', async () => {
    const one = await bench()
    await one.show.beat()
    expect(one.shown).toEqual([])
  })

  test('shows its circuits at a change and with each sign of life', async () => {
    const one = await bench()
    one.reports = [ill]
    one.change()
    await turn()
    await one.show.beat()
    one.show.stop()
    one.change()
    await one.show.beat()
    expect(one.shown).toEqual([[ill], [ill]])
  })

  test('closes what it is asked to, and shows what came of it', async () => {
    const one = await bench()
    one.reports = [ill]
    await one.show.beat()
    one.asked = [{ dependency: 'http:a' }]
    one.wake()
    await turn()
    expect([one.resets, one.shown]).toEqual([['http:a'], [[ill], [ill], []]])
  })

  test('that cannot show them now does so with its next sign of life', async () => {
    const one = await bench()
    one.reports = [ill]
    one.isAway = true
    one.change()
    await turn()
    expect(one.errors).toEqual(['breaker.not-shown'])
    one.isAway = false
    await one.show.beat()
    expect(one.shown).toEqual([[ill]])
  })
})
