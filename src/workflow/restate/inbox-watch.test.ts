import { expect, test } from 'vitest'

import { silentLog } from '../../kernel/log.ts'

import type { DueRun } from './inbox-sql.ts'
import { createInboxWatch, type InboxWatch } from './inbox-watch.ts'

interface Scene {
  readonly watch: InboxWatch
  readonly woken: string[]
  now: number
  due: readonly DueRun[]
  claimed: readonly string[]
  isAway: boolean
}

function scene(): Scene {
  const woken: string[] = []
  const state: Scene = {
    woken,
    now: 0,
    due: [],
    claimed: [],
    isAway: false,
    watch: createInboxWatch({
      inbox: {
        claim: async () => state.claimed,
        listDue: async () => state.due,
        listDriven: async () => ['run_1', 'run_2'],
      },
      server: {
        async wake(run) {
          if (state.isAway) throw new Error('nobody is there')
          woken.push(run)
        },
      },
      maxRuns: 10,
      clock: { now: () => state.now, after: () => () => undefined },
      log: silentLog,
    }),
  }
  return state
}

const look = async ({ watch }: Scene, times = 1): Promise<void> => {
  for (let n = 0; n < times; n++) {
    watch.look()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a run that was woken is left alone for a while, and longer each time', async () => {
  const it = scene()
  it.due = [{ id: 'run_1', reason: 'a' }]
  const at = [0, 500, 1_000, 2_500, 3_000, 6_900, 7_000]
  const counts: number[] = []
  for (const now of at) {
    it.now = now
    await look(it)
    counts.push(it.woken.length)
  }
  expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4])
})

test('a run that something else has come for is woken at once', async () => {
  const it = scene()
  it.due = [{ id: 'run_1', reason: 'a' }]
  await look(it, 2)
  it.due = [{ id: 'run_1', reason: 'b' }]
  await look(it, 2)
  expect(it.woken).toEqual(['run_1', 'run_1'])
})

test('a run that was claimed and is listed too is woken once', async () => {
  const it = scene()
  it.claimed = ['run_1']
  it.due = [{ id: 'run_1', reason: '' }]
  await look(it)
  expect(it.woken).toEqual(['run_1'])
})

test('a server that is away is tried again at the next look', async () => {
  const it = scene()
  it.due = [{ id: 'run_1', reason: 'a' }]
  it.isAway = true
  await look(it, 2)
  it.isAway = false
  await look(it)
  expect(it.woken).toEqual(['run_1'])
})

test('every driven run can be woken, and none after the end', async () => {
  const it = scene()
  await it.watch.wakeAll()
  expect(it.woken.toSorted()).toEqual(['run_1', 'run_2'])
  it.watch.stop()
  it.due = [{ id: 'run_3', reason: 'a' }]
  await look(it)
  expect(it.woken).toHaveLength(2)
})
