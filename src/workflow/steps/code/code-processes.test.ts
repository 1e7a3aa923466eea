import { describe, expect, test } from 'vitest'

import { deferred } from '../../../kernel/deferred.ts'
import { createManualClock } from '../../../kernel/testing.ts'

import type { CodeProcess, FinishedCall } from './code-process.ts'
import { type CallRequest, createCodeProcesses } from './code-processes.ts'
import { faultOf } from './testing.ts'

const DONE: FinishedCall = { ending: { kind: 'returned', json: '1' }, coreMs: 1, isReusable: true }

/** A process whose calls end when the test says so. */
class FakeProcess implements CodeProcess {
  readonly #gone = deferred()
  readonly gone = this.#gone.promise
  readonly calls: ReturnType<typeof deferred<FinishedCall>>[] = []
  hasEnded = false
  call(): Promise<FinishedCall> {
    const call = deferred<FinishedCall>()
    this.calls.push(call)
    return call.promise
  }
  end(): Promise<void> {
    this.hasEnded = true
    this.#gone.resolve()
    return this.gone
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const setUp = (maxProcesses: number) => {
  const clock = createManualClock()
  const started: FakeProcess[] = []
  const start = (): FakeProcess => {
    const made = new FakeProcess()
    started.push(made)
    return made
  }
  const pool = createCodeProcesses({ maxProcesses, idleMs: 1_000, clock, start })
  const run = (key: string, signal = new AbortController().signal): Promise<FinishedCall> => {
    const request: CallRequest = {
      key,
      memoryMb: 64,
      signal,
      onOutput: () => undefined,
      call: {
        url: 'file:///m.mjs',
        function: 'default',
        input: null,
        idempotencyKey: 'k',
        attempt: 1,
        folder: '/',
        maxCoreMs: 1,
      },
    }
    return pool.run(request)
  }
  return { clock, pool, started, run }
}

describe('the pool of processes', () => {
  test('never has more than its limit, and runs the rest in turn', async () => {
    const { started, run } = setUp(2)
    const all = Promise.all([run('a'), run('a'), run('a'), run('a')])
    await settle()
    expect(started.map(({ calls }) => calls.length)).toEqual([1, 1])
    started[0]?.calls[0]?.resolve(DONE)
    await settle()
    expect(started.map(({ calls }) => calls.length)).toEqual([2, 1])
    started[0]?.calls[1]?.resolve(DONE)
    started[1]?.calls[0]?.resolve(DONE)
    await settle()
    for (const { calls } of started) calls.at(-1)?.resolve(DONE)
    expect(await all).toHaveLength(4)
    expect(started).toHaveLength(2)
  })

  test('uses a process again for the same key only, and makes room for another key', async () => {
    const { started, run } = setUp(1)
    const first = run('a')
    await settle()
    started[0]?.calls[0]?.resolve(DONE)
    await first
    const other = run('b')
    await settle()
    expect(started[0]?.hasEnded).toBe(true)
    started[1]?.calls[0]?.resolve(DONE)
    expect(await other).toEqual({ ...DONE, queuedMs: 0 })
  })

  test('ends one idle process for one that waits, not all of them', async () => {
    const { started, run } = setUp(3)
    for (const key of ['a', 'b', 'c']) void run(key)
    await settle()
    for (const { calls } of started) calls[0]?.resolve(DONE)
    await settle()
    void run('d')
    await settle()
    expect(started.map(({ hasEnded }) => hasEnded)).toEqual([true, false, false, false])
  })

  test('does not use a process again that is not fit for it', async () => {
    const { started, run } = setUp(1)
    const first = run('a')
    await settle()
    started[0]?.calls[0]?.resolve({ ...DONE, isReusable: false })
    await first
    void run('a')
    await settle()
    expect(started).toHaveLength(2)
  })

  test('ends a process that has been idle for long, and forgets one that is gone', async () => {
    const { clock, started, run } = setUp(2)
    void run('a')
    void run('b')
    await settle()
    for (const { calls } of started) calls[0]?.resolve(DONE)
    await settle()
    await started[0]?.end()
    clock.advance(1_000)
    expect(started[1]?.hasEnded).toBe(true)
    await settle()
    void run('a')
    await settle()
    expect(started).toHaveLength(3)
    expect(clock.pending).toBe(0)
  })

  test('lets a call go as soon as it is stopped, and ends its process when that has heeded', async () => {
    const { started, run } = setUp(1)
    const controller = new AbortController()
    const running = faultOf(run('a', controller.signal))
    const waiting = run('a')
    await settle()
    const reason = new Error('stop')
    controller.abort(reason)
    expect(await running).toBe(reason)
    expect(started[0]?.hasEnded).toBe(false)
    started[0]?.calls[0]?.resolve(DONE)
    await settle()
    expect(started[0]?.hasEnded).toBe(true)
    started[1]?.calls[0]?.resolve(DONE)
    expect(await waiting).toEqual({ ...DONE, queuedMs: 0 })
  })

  test('starts nothing for a call that is stopped already', async () => {
    const { started, run } = setUp(1)
    expect(await faultOf(run('a', AbortSignal.abort(new Error('late'))))).toMatchObject({
      message: 'late',
    })
    expect(started).toHaveLength(0)
  })
})
