import { describe, expect, test } from 'vitest'

import { createIds } from '../../kernel/ids.ts'
import { createSeededRandom } from '../../kernel/random.ts'
import { createManualClock, type ManualClock } from '../../kernel/testing.ts'

import { IdempotencyMismatchError, StillInProgressError } from './errors.ts'
import {
  createIdempotency,
  type Idempotency,
  type KeyedRequest,
  type Verdict,
} from './idempotency.ts'
import type { IdempotencyStore } from './store.ts'
import { createMemoryIdempotencyStore, describeIdempotencyStore } from './testing.ts'

describeIdempotencyStore('memory', async () => createMemoryIdempotencyStore())

const open = (): { service: Idempotency; clock: ManualClock; store: IdempotencyStore } => {
  const clock = createManualClock()
  const store = createMemoryIdempotencyStore()
  const ids = createIds({ clock, random: createSeededRandom(3) })
  return { service: createIdempotency({ store, clock, ids }), clock, store }
}
const request = (more: Partial<KeyedRequest> = {}): KeyedRequest => ({
  tenant: 'acme',
  key: 'some-key',
  request: 'POST /v1/runs',
  body: '{}',
  signal: new AbortController().signal,
  ...more,
})
const response = (status: number): { status: number; body: string; location: undefined } => ({
  status,
  body: '{}',
  location: undefined,
})
const work = (verdict: Verdict): Extract<Verdict, { kind: 'work' }> => {
  if (verdict.kind !== 'work') throw new TypeError('it was answered before')
  return verdict
}
/** Lets promises settle. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('idempotency', () => {
  test('a success is answered again, whatever the new body of another key', async () => {
    const { service } = open()
    await service.end(work(await service.begin(request())), response(201))
    expect(await service.begin(request())).toEqual({ kind: 'answered', response: response(201) })
    await expect(service.begin(request({ body: '[]' }))).rejects.toThrow(IdempotencyMismatchError)
  })

  test('a refused request is forgotten, a failed one keeps the name of its effect', async () => {
    const { service } = open()
    const refused = work(await service.begin(request()))
    await service.end(refused, response(422))
    const failed = work(await service.begin(request({ body: 'corrected' })))
    expect(failed.effect).toMatchObject({ isRepeat: false })
    await service.end(failed, response(503))
    const repeat = work(await service.begin(request({ body: 'corrected' })))
    expect(repeat.effect).toEqual({ digits: failed.effect.digits, isRepeat: true })
  })

  test('a repeat that is refused does not make room for a second effect', async () => {
    const { service } = open()
    const failed = work(await service.begin(request()))
    await service.end(failed, response(500))
    await service.end(work(await service.begin(request())), response(409))
    expect(work(await service.begin(request())).effect.digits).toBe(failed.effect.digits)
  })

  test('after a crash the request goes on under the same name, once its hold has run out', async () => {
    const { service, clock } = open()
    const lost = work(await service.begin(request()))
    clock.advance(30_000)
    const next = work(await service.begin(request()))
    expect(next.effect).toEqual({ digits: lost.effect.digits, isRepeat: true })
  })

  test('a duplicate waits for the answer, for two seconds at most', async () => {
    const { service, clock } = open()
    const first = work(await service.begin(request()))
    const second = service.begin(request())
    await turn()
    await service.end(first, response(201))
    clock.advance(50)
    expect(await second).toMatchObject({ kind: 'answered' })

    await service.begin(request({ key: 'other-key' }))
    const pass = async (): Promise<void> => {
      for (let n = 0; n < 41; n++) {
        await turn()
        clock.advance(50)
      }
    }
    const late = service.begin(request({ key: 'other-key' }))
    await Promise.all([expect(late).rejects.toThrow(StillInProgressError), pass()])
  })

  test('a duplicate whose client leaves stops waiting', async () => {
    const { service } = open()
    await service.begin(request())
    const leave = new AbortController()
    const waiting = service.begin(request({ signal: leave.signal }))
    await turn()
    leave.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
  })

  test('what is older than a day is swept', async () => {
    const { service, clock, store } = open()
    await service.end(work(await service.begin(request())), response(201))
    clock.advance(25 * 3_600_000)
    await service.begin(request({ key: 'other-key' }))
    expect(await store.sweep(clock.now())).toBe(0)
  })
})
