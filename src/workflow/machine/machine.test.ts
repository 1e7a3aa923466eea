import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { hashState, restoreSnapshot, takeSnapshot } from '../history/snapshot.ts'

import { applyEvent } from './apply.ts'
import { decideControl } from './decide-control.ts'
import { decideTakeover, fitsBudget, nextMove } from './decide-run.ts'
import { decideFailure, decideStart, decideSuccess, plainFailure } from './decide-step.ts'
import { decideUndoSuccess, MAX_CRASHES } from './decide-undo.ts'
import { decideDue, decideSignal, decideWait } from './decide-wait.ts'
import { type RunEvent, unitKey } from './events.ts'
import { nextUnits } from './ready.ts'
import { createRunState, isFinal, type RunState } from './state.ts'
import { compile, created, fold, Simulation } from './testing.ts'

const shapes = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      fc.record({
        needs:
          index === 0
            ? fc.constant([])
            : fc.uniqueArray(
                fc.nat(index - 1).map((n) => `s${n}`),
                { maxLength: 3 },
              ),
        more: fc.constantFrom<Record<string, Json>>(
          {},
          {},
          { retry: { max: 2 } },
          { forEach: [1] },
          { forEach: { items: [1], maxConcurrency: 2 }, retry: { max: 1 } },
          { repeat: { until: '{% true %}', max: 50 } },
          { onError: 'continue' },
          { compensate: { uses: 'transform', with: { value: 0 }, retry: { max: 2 } } },
          { forEach: [1], compensate: { uses: 'transform', with: { value: 0 } } },
        ),
      }),
    ),
  ),
)
const workflow = fc
  .record({ shapes, failFast: fc.boolean(), concurrency: fc.integer({ min: 1, max: 5 }) })
  .map(({ shapes: list, failFast, concurrency }) =>
    compile(
      Object.fromEntries(list.map(({ needs, more }, index) => [`s${index}`, { needs, ...more }])),
      { failFast, concurrency },
    ),
  )
const seed = fc.nat()

/** Laws that hold for every history. */
function checkHistory(flow: CompiledWorkflow, { log, state }: Simulation): void {
  expect(isFinal(state.status)).toBe(true)
  expect(state.running).toBe(0)
  expect(state.reserved).toBe(0n)
  const ended = new Set<string>()
  const completedUnits = new Set<string>()
  for (const event of log) {
    if (event.kind === 'step.completed' || event.kind === 'step.failed') {
      const key = unitKey(event.data)
      if (event.kind === 'step.completed') {
        expect(completedUnits.has(key), `${key} completed twice`).toBe(false)
        completedUnits.add(key)
      }
    }
    if (event.kind === 'step.started' || event.kind === 'step.expanded') {
      for (const need of flow.steps.get(event.data.step)?.needs ?? []) {
        expect(ended.has(need), `${event.data.step} began before ${need} had ended`).toBe(true)
      }
    }
    const after = fold(flow, log.slice(0, log.indexOf(event) + 1))
    for (const [name, step] of after.steps)
      if (step.status === 'completed' || step.status === 'skipped') ended.add(name)
  }
}

describe('any graph, any interleaving', () => {
  test.prop([workflow, seed], { numRuns: 60 })(
    'without faults every step completes, after what it needs',
    (flow, n) => {
      const simulation = new Simulation(flow, { seed: n })
      simulation.run()
      checkHistory(flow, simulation)
      expect(simulation.state.status).toBe('completed')
      for (const step of simulation.state.steps.values()) expect(step.status).toBe('completed')
      expect(simulation.maxRunning).toBeLessThanOrEqual(flow.concurrency)
    },
  )

  test.prop([workflow, seed], { numRuns: 60 })(
    'with faults it ends, and undoes what can be undone, once',
    (flow, n) => {
      const simulation = new Simulation(flow, { seed: n, failShare: 0.3 })
      simulation.run()
      checkHistory(flow, simulation)
      const done = simulation.log.flatMap((e) =>
        e.kind === 'step.completed' && flow.steps.get(e.data.step)?.compensate
          ? [unitKey(e.data)]
          : [],
      )
      const undone = simulation.log.flatMap((e) =>
        e.kind === 'undo.completed' || e.kind === 'undo.failed' ? [unitKey(e.data)] : [],
      )
      expect(undone.toSorted()).toEqual(
        simulation.state.status === 'completed' ? [] : done.toSorted(),
      )
    },
  )

  test.prop([workflow, seed], { numRuns: 60 })(
    'crashes at any point change nothing but the tries',
    (flow, n) => {
      const simulation = new Simulation(flow, { seed: n, crashShare: 0.05 })
      simulation.run()
      checkHistory(flow, simulation)
      const isPoisoned = simulation.log.some(
        (e) => e.kind === 'step.failed' && e.data.error.code === 'workflow.worker-lost',
      )
      if (!isPoisoned) expect(simulation.state.status).toBe('completed')
    },
  )

  test.prop([workflow, seed], { numRuns: 40 })(
    'the fold of the history is the state',
    (flow, n) => {
      const simulation = new Simulation(flow, { seed: n, failShare: 0.1 })
      simulation.run()
      const again = fold(flow, simulation.log, simulation.times)
      expect(again).toEqual(simulation.state)
    },
  )

  test.prop([workflow, seed, fc.double({ min: 0, max: 1, noNaN: true })], { numRuns: 60 })(
    'a snapshot at any point, and what came after it, give the state',
    (flow, n, share) => {
      const simulation = new Simulation(flow, { seed: n, failShare: 0.2, crashShare: 0.02 })
      simulation.run()
      const { log } = simulation
      const cut = Math.floor(share * log.length)
      const early = fold(flow, log.slice(0, cut))
      const snapshot = takeSnapshot(early)
      const restored = restoreSnapshot(flow, snapshot)
      if (restored === undefined) throw new Error('the snapshot is broken')
      expect(restored).toEqual(early)
      expect(hashState(restored)).toBe(snapshot.hash)
      for (const [index, event] of log.entries()) {
        if (index >= cut) applyEvent(restored, event, index)
      }
      expect(hashState(restored)).toBe(hashState(fold(flow, log)))
    },
  )
})

function begin(flow: CompiledWorkflow): {
  state: RunState
  emit: (events: readonly RunEvent[], at?: number) => void
} {
  const state = createRunState(flow)
  const emit = (events: readonly RunEvent[], at = 0): void => {
    for (const event of events) applyEvent(state, event, at)
  }
  emit([created, { kind: 'run.started', data: { worker: 'w' } }])
  return { state, emit }
}
const now = 10
const good = { isDone: true, ms: 1, now, usage: [], cost: 0n }
const bad = plainFailure({ code: 'test.broken', message: 'no' }, now)
const pick = (state: RunState, limit = 10): string[] =>
  nextUnits(state, { limit, busy: new Set(), now }).map(unitKey)

describe('order', () => {
  test('the longest way to the end comes first, and nothing waits for a level', () => {
    const { state, emit } = begin(
      compile({ a: {}, b: {}, c: { needs: ['b'] }, d: { needs: ['c'] }, e: { needs: ['a', 'd'] } }),
    )
    expect(pick(state)).toEqual(['b', 'a'])
    emit(decideStart(state, { step: 'b' }, 0n))
    emit(decideStart(state, { step: 'a' }, 0n))
    emit(decideSuccess(state, { step: 'b' }, { ...good, output: 1 }))
    // "a" still runs; "c" does not wait for it.
    expect(pick(state)).toEqual(['c'])
  })

  test('a step left out by its "when" blocks nobody', () => {
    const { state, emit } = begin(compile({ a: {}, b: { needs: ['a'] } }))
    emit([{ kind: 'step.skipped', data: { step: 'a', reason: 'when' } }])
    expect(pick(state)).toEqual(['b'])
  })

  test('an empty list completes its step', () => {
    const { state, emit } = begin(compile({ a: { forEach: [] }, b: { needs: ['a'] } }))
    emit([{ kind: 'step.expanded', data: { step: 'a', count: 0 } }])
    expect(state.steps.get('a')).toMatchObject({ status: 'completed', output: [] })
    expect(pick(state)).toEqual(['b'])
  })

  test('items begin in order within their own and the run limit', () => {
    const { state, emit } = begin(
      compile({ a: { forEach: { items: [1], maxConcurrency: 2 } } }, { concurrency: 3 }),
    )
    emit([{ kind: 'step.expanded', data: { step: 'a', count: 5 } }])
    expect(pick(state)).toEqual(['a[0]', 'a[1]'])
    emit(decideStart(state, { step: 'a', index: 0 }, 0n))
    expect(pick(state)).toEqual(['a[1]'])
    expect(nextUnits(state, { limit: 9, busy: new Set(['a[1]']), now })).toEqual([])
  })

  test('an item that begins before an earlier one, which took longer to prepare, leaves that to begin', () => {
    const { state, emit } = begin(compile({ a: { forEach: [1] } }))
    emit([{ kind: 'step.expanded', data: { step: 'a', count: 4 } }])
    emit(decideStart(state, { step: 'a', index: 2 }, 0n))
    expect(pick(state)).toEqual(['a[0]', 'a[1]', 'a[3]'])
    emit(decideStart(state, { step: 'a', index: 3 }, 0n))
    emit(decideStart(state, { step: 'a', index: 0 }, 0n))
    expect(pick(state)).toEqual(['a[1]'])
  })
})

describe('failure', () => {
  const chain = (head: Record<string, Json>): ReturnType<typeof begin> =>
    begin(
      compile(
        { a: {}, b: {}, c: { needs: ['a'] }, d: { needs: ['c'] }, e: { needs: ['b'] } },
        head,
      ),
    )

  test('fail fast lets what runs end, begins nothing new, and then fails', () => {
    const { state, emit } = chain({})
    emit(decideStart(state, { step: 'a' }, 0n))
    emit(decideStart(state, { step: 'b' }, 0n))
    emit(decideFailure(state, { step: 'a' }, bad))
    expect([pick(state), nextMove(state, false).kind]).toEqual([[], 'work'])
    emit(decideSuccess(state, { step: 'b' }, { ...good, output: 1 }))
    expect(pick(state)).toEqual([])
    expect(nextMove(state, false)).toMatchObject({
      kind: 'events',
      events: [{ kind: 'run.failed', data: { step: 'a' } }],
    })
  })

  test('without fail fast only dependents are left out', () => {
    const { state, emit } = chain({ failFast: false })
    emit(decideStart(state, { step: 'a' }, 0n))
    const events = decideFailure(state, { step: 'a' }, bad)
    expect(events.map(({ kind, data }) => [kind, 'step' in data ? data.step : ''])).toEqual([
      ['step.failed', 'a'],
      ['step.skipped', 'c'],
      ['step.skipped', 'd'],
    ])
    emit(events)
    expect(pick(state)).toEqual(['b'])
  })

  test('a redrive keeps finished steps and items and begins the others again', () => {
    const { state, emit } = begin(
      compile(
        { a: {}, l: { needs: ['a'], forEach: [1] }, z: { needs: ['l'] } },
        { failFast: false },
      ),
    )
    emit(decideStart(state, { step: 'a' }, 0n))
    emit(decideSuccess(state, { step: 'a' }, { ...good, output: 'kept' }))
    emit([{ kind: 'step.expanded', data: { step: 'l', count: 3 } }])
    for (const index of [0, 1, 2]) emit(decideStart(state, { step: 'l', index }, 0n))
    emit(decideSuccess(state, { step: 'l', index: 0 }, { ...good, output: 'i0' }))
    emit(decideFailure(state, { step: 'l', index: 1 }, bad))
    emit(decideSuccess(state, { step: 'l', index: 2 }, { ...good, output: 'i2' }))
    const move = nextMove(state, false)
    expect(move.kind).toBe('events')
    if (move.kind === 'events') emit(move.events)
    expect(state.status).toBe('failed')
    const resumed = decideControl(state, { action: 'resume', by: 'me' })
    expect(resumed).toMatchObject({
      ok: true,
      value: [{ kind: 'run.resumed', data: { reason: 'redrive' } }],
    })
    if (resumed.ok) emit(resumed.value)
    expect(pick(state)).toEqual(['l[1]'])
    emit(decideStart(state, { step: 'l', index: 1 }, 0n))
    emit(decideSuccess(state, { step: 'l', index: 1 }, { ...good, output: 'i1' }))
    expect(state.steps.get('l')?.output).toEqual(['i0', 'i1', 'i2'])
    expect(pick(state)).toEqual(['z'])
  })

  test('a handled failure goes on with the other output and shows its error', () => {
    const { state, emit } = begin(
      compile({ a: { onError: { output: 'instead' } }, b: { needs: ['a'] } }),
    )
    emit(decideStart(state, { step: 'a' }, 0n))
    emit(decideFailure(state, { step: 'a' }, { ...bad, fallback: { output: 'instead' } }))
    expect(state.steps.get('a')).toMatchObject({
      status: 'completed',
      output: 'instead',
      error: { code: 'test.broken' },
    })
    expect(pick(state)).toEqual(['b'])
  })

  test('retries wait with jitter below the exponential limit, at least as long as asked', () => {
    const { state, emit } = begin(
      compile({ a: { retry: { max: 3, initial: '10s', factor: 3, maxDelay: '60s' } } }),
    )
    const dueTimes: number[] = []
    for (const chance of [0.5, 0.5, 0.999]) {
      emit(decideStart(state, { step: 'a' }, 0n))
      const events = decideFailure(state, { step: 'a' }, { ...bad, isTransient: true, chance })
      emit(events)
      for (const event of events)
        if (event.kind === 'step.retrying') dueTimes.push(event.data.dueAt - now)
    }
    expect(dueTimes).toEqual([5_000, 15_000, 59_940])
    expect(nextUnits(state, { limit: 1, busy: new Set(), now })).toEqual([])
    emit(decideStart(state, { step: 'a' }, 0n))
    expect(decideFailure(state, { step: 'a' }, { ...bad, isTransient: true })[0]?.kind).toBe(
      'step.failed',
    )
  })

  test('only what may pass is retried, unless the definition names the codes', () => {
    const one = begin(compile({ a: { retry: { max: 3 } }, b: { retry: { max: 3, on: ['test'] } } }))
    for (const step of ['a', 'b']) one.emit(decideStart(one.state, { step }, 0n))
    expect(decideFailure(one.state, { step: 'a' }, bad)[0]?.kind).toBe('step.failed')
    expect(decideFailure(one.state, { step: 'b' }, bad)[0]?.kind).toBe('step.retrying')
  })

  test('a repeat that is never done fails with its last output', () => {
    const { state, emit } = begin(
      compile({ a: { repeat: { until: '{% false %}', max: 2, delay: '5s' } } }),
    )
    emit(decideStart(state, { step: 'a' }, 0n))
    const first = decideSuccess(state, { step: 'a' }, { ...good, isDone: false, output: 1 })
    expect(first).toMatchObject([{ kind: 'step.repeating', data: { pass: 1, dueAt: now + 5_000 } }])
    emit(first)
    const second = decideStart(state, { step: 'a' }, 0n)
    expect(second).toMatchObject([{ data: { attempt: 1, pass: 2 } }])
    emit(second)
    expect(state.active.get('a')?.previous).toBe(1)
    expect(
      decideSuccess(state, { step: 'a' }, { ...good, isDone: false, output: 2 }),
    ).toMatchObject([
      {
        kind: 'step.failed',
        data: { error: { code: 'workflow.repeat-exhausted', details: { output: 2 } } },
      },
    ])
  })
})

describe('crashes', () => {
  test('a step that takes its worker down three times is parked as failed', () => {
    const { state, emit } = begin(compile({ a: { retry: { max: 9 } } }))
    for (let crash = 1; crash <= MAX_CRASHES; crash++) {
      emit(decideStart(state, { step: 'a' }, 0n))
      const events = decideTakeover(state, `w${crash}`)
      expect(events.map(({ kind }) => kind)).toEqual(
        crash < MAX_CRASHES ? ['run.resumed'] : ['run.resumed', 'step.failed'],
      )
      emit(events)
    }
    expect(state.failure?.error.code).toBe('workflow.worker-lost')
  })

  test('are counted anew in each pass of a step that is repeated', () => {
    const { state, emit } = begin(
      compile({ a: { repeat: { until: '{% false %}', max: 9, delay: '1s' } } }),
    )
    for (let pass = 1; pass < 5; pass++) {
      for (let crash = 1; crash < MAX_CRASHES; crash++) {
        emit(decideStart(state, { step: 'a' }, 0n))
        emit(decideTakeover(state, `w${pass}${crash}`))
      }
      emit(decideStart(state, { step: 'a' }, 0n))
      emit(decideSuccess(state, { step: 'a' }, { ...good, output: pass, isDone: false }))
    }
    expect(state.failure).toBeUndefined()
    expect(state.active.get('a')).toMatchObject({ phase: 'repeating', pass: 4 })
  })
})

describe('waiting', () => {
  const flow = compile({ a: { uses: 'approval', with: { question: 'ok?' } } })
  const waiting = { for: 'signal', signal: 'approval', dueAt: 99 } as const
  const letter = { signal: 'approval', step: 'a', index: undefined, by: 'ada' }

  test('a signal ends the wait, an approval with its answer', () => {
    const { state, emit } = begin(flow)
    emit(decideWait(state, { step: 'a' }, { waiting, bound: 0n, now }))
    expect(nextMove(state, false).kind).toBe('work')
    emit(
      decideSignal(state, { id: 'sig_1', ...letter, payload: { approved: true, by: 'ada' } }, now),
    )
    expect(state.steps.get('a')).toMatchObject({
      status: 'completed',
      output: { approved: true, by: 'ada' },
    })
    expect(state.mailbox).toEqual([])
    expect(nextMove(state, false).kind).toBe('finish')
  })

  test('a rejection fails the step', () => {
    const { state, emit } = begin(flow)
    emit(decideWait(state, { step: 'a' }, { waiting, bound: 0n, now }))
    emit(decideSignal(state, { id: 'sig_1', ...letter, payload: { approved: false } }, now))
    expect(state.failure?.error.code).toBe('workflow.rejected')
  })

  test('a signal that comes early is kept until it is waited for', () => {
    const { state, emit } = begin(flow)
    emit(decideSignal(state, { id: 'sig_1', ...letter, payload: { approved: true } }, now))
    expect(state.mailbox).toHaveLength(1)
    emit(decideWait(state, { step: 'a' }, { waiting, bound: 0n, now }))
    expect([state.steps.get('a')?.status, state.mailbox.length]).toEqual(['completed', 0])
  })

  test('a time ends with success, patience with a failure', () => {
    const { state, emit } = begin(flow)
    emit(decideWait(state, { step: 'a' }, { waiting, bound: 0n, now }))
    const unit = state.active.get('a')
    if (unit === undefined) throw new Error('not waiting')
    expect(decideDue(state, unit, 99)).toMatchObject([
      { kind: 'step.failed', data: { error: { code: 'workflow.wait-timeout' } } },
    ])
    expect(decideDue(state, { ...unit, waiting: { for: 'time', dueAt: 99 } }, 99)).toMatchObject([
      { kind: 'step.completed' },
    ])
  })

  test('a child run ends it with its output, or its failure; what it cost is counted', () => {
    const { state, emit } = begin(flow)
    emit(
      decideWait(
        state,
        { step: 'a' },
        { waiting: { for: 'run', signal: 'run', child: 'run_x' }, bound: 50n, now },
      ),
    )
    expect(state.reserved).toBe(50n)
    const child = { signal: 'run', step: 'a', index: undefined, by: 'engine' }
    const failed = decideSignal(
      state,
      {
        id: 's',
        ...child,
        payload: { status: 'failed', error: { code: 'a.b', message: '' }, cost: '7' },
      },
      now,
    )
    expect(failed.at(-1)).toMatchObject({
      kind: 'step.failed',
      data: { cost: '7', error: { code: 'workflow.child-failed' } },
    })
    emit(
      decideSignal(
        state,
        { id: 's', ...child, payload: { status: 'completed', output: 4, cost: '30' } },
        now,
      ),
    )
    expect([state.steps.get('a')?.output, state.spent, state.reserved]).toEqual([4, 30n, 0n])
  })
})

describe('requests', () => {
  const flow = compile({ a: {}, b: { needs: ['a'] } })

  test.each([
    ['created', 'pause', 'run.paused'],
    ['created', 'cancel', 'run.cancelling'],
    ['running', 'pause', 'run.paused'],
    ['running', 'interrupt', 'run.paused'],
    ['running', 'resume', 'none'],
    ['running', 'cancel', 'run.cancelling'],
    ['paused', 'pause', 'none'],
    ['paused', 'resume', 'run.resumed'],
    ['paused', 'cancel', 'run.cancelling'],
    ['stopping', 'cancel', 'refused'],
    ['cancelling', 'cancel', 'none'],
    ['cancelling', 'resume', 'refused'],
    ['compensating', 'cancel', 'refused'],
    ['compensating', 'pause', 'refused'],
    ['completed', 'cancel', 'refused'],
    ['completed', 'resume', 'refused'],
    ['completed', 'pause', 'refused'],
    ['failed', 'resume', 'run.resumed'],
    ['failed', 'cancel', 'refused'],
    ['cancelled', 'cancel', 'none'],
    ['cancelled', 'resume', 'refused'],
  ] as const)('%s, %s: %s', (status, action, expected) => {
    const { state } = begin(flow)
    state.status = status
    if (status === 'paused') state.pause = 'request'
    const result = decideControl(state, { action, by: 'me' })
    expect(result.ok ? (result.value[0]?.kind ?? 'none') : 'refused').toBe(expected)
  })

  test('a pause begins nothing new and keeps what runs', () => {
    const { state, emit } = begin(compile({ a: {}, b: {} }))
    emit(decideStart(state, { step: 'a' }, 0n))
    emit([{ kind: 'run.paused', data: { reason: 'request', by: 'me' } }])
    expect(pick(state)).toEqual([])
    emit(decideSuccess(state, { step: 'a' }, { ...good, output: 1 }))
    emit([{ kind: 'run.resumed', data: { reason: 'request' } }])
    expect(pick(state)).toEqual(['b'])
  })

  test('a unit that runs through a pause is not begun a second time', () => {
    const { state, emit } = begin(compile({ a: {}, b: { needs: ['a'] } }))
    emit(decideStart(state, { step: 'a' }, 0n))
    emit([{ kind: 'run.paused', data: { reason: 'request', by: 'me' } }])
    emit([{ kind: 'run.resumed', data: { reason: 'request' } }], 5)
    expect(state.active.get('a')).toMatchObject({ phase: 'running', attempt: 1 })
    expect(pick(state)).toEqual([])
  })

  test('an interrupted unit begins again without counting as a crash', () => {
    const { state, emit } = begin(flow)
    emit(decideStart(state, { step: 'a' }, 0n))
    emit([{ kind: 'run.paused', data: { reason: 'interrupt' } }])
    emit([{ kind: 'run.resumed', data: { reason: 'request' } }], 5)
    expect(state.active.get('a')).toMatchObject({ phase: 'retrying', crashes: 0 })
    expect(pick(state)).toEqual(['a'])
  })

  test('a cancelled run drops what waits, waits for what runs, then undoes', () => {
    const undo = compile({
      a: { compensate: { uses: 'transform', with: { value: 1 } } },
      b: { needs: ['a'] },
      c: { needs: ['a'], uses: 'wait', with: { for: '1h' } },
    })
    const { state, emit } = begin(undo)
    emit(decideStart(state, { step: 'a' }, 0n))
    emit(decideSuccess(state, { step: 'a' }, { ...good, output: 'made' }))
    emit(decideStart(state, { step: 'b' }, 0n))
    emit(decideWait(state, { step: 'c' }, { waiting: { for: 'time', dueAt: 1e9 }, bound: 0n, now }))
    emit([{ kind: 'run.cancelling', data: { by: 'me' } }])
    expect([...state.active.keys()]).toEqual(['b'])
    expect(nextMove(state, false).kind).toBe('work')
    emit(decideFailure(state, { step: 'b' }, bad))
    // The failure of an aborted step is not why the run ends.
    expect(nextMove(state, false)).toMatchObject({
      events: [{ kind: 'run.compensating', data: { units: 1 } }],
    })
    emit([{ kind: 'run.compensating', data: { units: 1 } }])
    expect(nextMove(state, false)).toMatchObject({
      kind: 'undo',
      units: [{ purpose: 'undo', ref: { step: 'a', output: 'made' }, attempt: 1 }],
    })
    emit([
      { kind: 'undo.started', data: { step: 'a', attempt: 1 } },
      { kind: 'undo.completed', data: { step: 'a' } },
    ])
    expect(nextMove(state, false)).toMatchObject({ events: [{ kind: 'run.cancelled' }] })
  })

  test('a run that was undone is not resumed', () => {
    const { state, emit } = begin(
      compile({
        a: { compensate: { uses: 'transform', with: { value: 1 } } },
        b: { needs: ['a'] },
      }),
    )
    emit(decideStart(state, { step: 'a' }, 0n))
    emit(decideSuccess(state, { step: 'a' }, { ...good, output: 1 }))
    emit(decideStart(state, { step: 'b' }, 0n))
    emit(decideFailure(state, { step: 'b' }, bad))
    emit([
      { kind: 'run.compensating', data: { units: 1 } },
      { kind: 'undo.started', data: { step: 'a', attempt: 1 } },
      { kind: 'undo.completed', data: { step: 'a' } },
    ])
    expect(nextMove(state, false)).toMatchObject({ events: [{ kind: 'run.failed' }] })
    state.status = 'failed'
    expect(decideControl(state, { action: 'resume', by: 'me' })).toMatchObject({
      ok: false,
      refusal: { hint: 'start a new run' },
    })
  })
})

describe('money', () => {
  test('what is spent and set aside never exceeds the budget', () => {
    const { state, emit } = begin(compile({ a: {}, b: {} }))
    state.budget = 100n
    state.hold = 'h'
    expect([fitsBudget(state, 100n), fitsBudget(state, 101n)]).toEqual([true, false])
    emit(decideStart(state, { step: 'a' }, 60n))
    expect([fitsBudget(state, 40n), fitsBudget(state, 41n)]).toEqual([true, false])
    emit(decideSuccess(state, { step: 'a' }, { ...good, output: 1, cost: 10n }))
    expect([state.spent, state.reserved, fitsBudget(state, 90n), fitsBudget(state, 91n)]).toEqual([
      10n,
      0n,
      true,
      false,
    ])
  })

  test('nothing stays set aside for what a lost worker was doing, so that it can begin again', () => {
    const { state, emit } = begin(compile({ a: {} }))
    state.budget = 100n
    state.hold = 'h'
    emit(decideStart(state, { step: 'a' }, 60n))
    emit(decideTakeover(state, 'other'))
    expect([state.reserved, fitsBudget(state, 60n)]).toEqual([0n, true])
  })

  test('units that are undone at once pay together no more than is left', () => {
    const compensate = { uses: 'transform', with: { value: 0 } }
    const { state, emit } = begin(compile({ a: { compensate }, b: { compensate } }))
    state.budget = 100n
    state.hold = 'h'
    for (const step of ['a', 'b']) {
      emit(decideStart(state, { step }, 0n))
      emit(decideSuccess(state, { step }, { ...good, output: 1 }))
    }
    emit([{ kind: 'run.compensating', data: { units: 2, strategy: 'full_rollback' } }])
    for (const step of ['a', 'b']) emit([{ kind: 'undo.started', data: { step, attempt: 1 } }])
    const undone = (step: string): readonly RunEvent[] =>
      decideUndoSuccess(state, { purpose: 'undo', ref: { step } }, { usage: [], cost: 70n })
    emit(undone('a'))
    expect(undone('b')).toMatchObject([{ data: { cost: '30', unpaid: '40' } }])
  })

  test('a free run has no budget and may begin what is free', () => {
    const { state } = begin(compile({ a: {} }))
    expect([fitsBudget(state, 0n), fitsBudget(state, 1n)]).toEqual([true, false])
  })
})
