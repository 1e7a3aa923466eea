import { describe, expect, test } from 'vitest'

import type { EventKind, Journal, JournalRange, StoredEvent } from '../kernel/journal.ts'
import { silentLog } from '../kernel/log.ts'
import { createManualClock } from '../kernel/testing.ts'

import { createProgress, type Progress } from './progress.ts'
import { createRecorder } from './recorder.ts'
import { createMemoryProgressStore, describeProgressStore } from './store/testing.ts'
import { definitionOf, type MadeUpStep, runOf } from './testing.ts'
import { watchPromises } from './watcher.ts'

describeProgressStore('in memory', async () => createMemoryProgressStore())

/** A journal of some runs, each of which may be cut short. */
function openJournal(): {
  readonly journal: Pick<Journal, 'read'>
  readonly add: (run: string, steps: Readonly<Record<string, MadeUpStep>>, count?: number) => void
} {
  const events: StoredEvent[] = []
  return {
    journal: {
      read: async (range: JournalRange, limit) =>
        events
          .filter((event) =>
            'stream' in range
              ? event.stream === range.stream && event.version > range.afterVersion
              : event.seq > range.afterSeq,
          )
          .slice(0, limit),
    },
    add(run, steps, count) {
      const had = events.filter(({ stream }) => stream === run).length
      for (const event of runOf(steps).slice(had, count)) {
        const seq = events.length + 1
        events.push({ ...event, kind: event.kind as EventKind, tenant: 't', stream: run, seq })
      }
    },
  }
}

const steps = { a: { needs: [], ms: 4_000 }, b: { needs: ['a'], ms: 6_000 } }
const DEFINITION = definitionOf(steps)

function openAll(): ReturnType<typeof openJournal> & {
  readonly progress: Progress
  readonly store: ReturnType<typeof createMemoryProgressStore>
  readonly clock: ReturnType<typeof createManualClock>
} {
  const { journal, add } = openJournal()
  const store = createMemoryProgressStore()
  const clock = createManualClock(1_010_000)
  const progress = createProgress({ journal, store, clock, definitionOf: async () => DEFINITION })
  return { journal, add, store, clock, progress }
}

describe('the recorder', () => {
  test('records every run once, however the journal is cut and whoever reads it', async () => {
    const { journal, add, store, clock } = openAll()
    const deps = { journal, store, clock, definitionOf: async () => DEFINITION }
    const [one, other] = [createRecorder(deps), createRecorder(deps)]
    add('run_a', steps)
    add('run_b', steps, 4)
    await Promise.all([one.catchUp('t'), other.catchUp('t'), one.catchUp('t')])
    const all = { tenant: 't', since: 0, until: 2_000_000, limit: 9 }
    expect((await store.listRuns(all)).map(({ run }) => run)).toEqual(['run_a'])
    expect(await store.listOpen('t', 'made-up', 9)).toEqual(['run_b'])
    add('run_b', steps)
    await other.catchUp('t')
    expect(await store.listRuns(all)).toHaveLength(2)
    expect(await store.listOpen('t', 'made-up', 9)).toEqual([])
    expect(await store.listSteps(all)).toMatchObject([
      { run: 'run_a', step: 'a', durations: [4_000] },
      { run: 'run_a', step: 'b', durations: [6_000] },
      { run: 'run_b', step: 'a' },
      { run: 'run_b', step: 'b' },
    ])
    expect(await store.position('t')).toBe(14)
  })

  test('goes past runs whose definition is kept no longer', async () => {
    const { journal, add, store, clock } = openAll()
    add('run_a', steps)
    const recorder = createRecorder({ journal, store, clock, definitionOf: async () => undefined })
    await recorder.catchUp('t')
    expect(await store.position('t')).toBe(7)
  })
})

describe('progress', () => {
  test('of a run that goes on has an interval, from the runs before it', async () => {
    const { add, clock, progress } = openAll()
    for (let run = 0; run < 12; run++) add(`run_${run}`, steps)
    add('run_now', steps, 5)
    clock.advance(-4_000)
    const found = await progress.progress('t', 'run_now')
    expect(found).toMatchObject({ state: 'running', percent: 50 })
    const { lowMs = 0, medianMs = 0, highMs = 0 } = found.eta ?? {}
    expect(lowMs).toBeLessThanOrEqual(medianMs)
    expect(Math.abs(medianMs - 4_000)).toBeLessThan(1_500)
    expect(highMs).toBeGreaterThanOrEqual(medianMs)
  })
})

describe('promises', () => {
  test('at risk are told before they are broken, once, and settled by a good end', async () => {
    const { add, clock, progress } = openAll()
    for (let run = 0; run < 12; run++) add(`run_${run}`, steps)
    // What ended before the promise did not break it.
    await progress.stats({ tenant: 't', since: 0 })
    await progress.setSla('t', { workflow: 'made-up', durationMs: 9_000 })
    add('run_now', steps, 5)
    clock.advance(-4_000)
    await progress.check('t')
    const alerts = await progress.listAlerts({ tenant: 't', limit: 9 })
    expect(alerts).toMatchObject([{ kind: 'sla.at-risk', run: 'run_now', severity: 'warning' }])
    clock.advance(4_000)
    await progress.check('t')
    add('run_now', steps)
    const after = await progress.listAlerts({ tenant: 't', limit: 9 })
    expect(after.map(({ kind, resolvedBy }) => [kind, resolvedBy])).toEqual([
      ['sla.breached', undefined],
      ['sla.at-risk', 'prsm'],
    ])
  })

  test('are looked at again and again until the watcher ends, and a fault ends nothing', async () => {
    const clock = createManualClock()
    let looks = 0
    const checkAll = async (): Promise<void> => {
      looks += 1
      if (looks === 1) throw new Error('not now')
    }
    const stop = watchPromises({ progress: { checkAll }, clock, log: silentLog })
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(5_000)
      for (let each = 0; each < 5; each++) await Promise.resolve()
    }
    await stop()
    clock.advance(50_000)
    expect(looks).toBe(3)
  })
})
