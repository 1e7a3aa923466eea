import { describe, expect, test } from 'vitest'

import { realBreakers } from '../../../test/support/guards.ts'
import type { Breakers, CircuitOverrides } from '../../kernel/breakers.ts'
import type { Random } from '../../kernel/random.ts'
import { createManualClock, type ManualClock } from '../../kernel/testing.ts'
import { CircuitOpenError, ProviderFailedError, RateLimitedError } from '../errors.ts'
import type { ProviderRetries } from '../providers/schema.ts'
import { faultOf } from '../testing.ts'

import { isWorthRetrying, judgeModelFault } from './faults.ts'
import { createPolicyGuards } from './guards-http.ts'
import type { CallGuards } from './guards.ts'

const facts = { provider: 'p', model: 'm' }
const outage = new ProviderFailedError('failed', { ...facts, status: 503, isTransient: true })
const busy = new RateLimitedError('busy', { ...facts, status: 429, isTransient: true })
const refused = new ProviderFailedError('failed', { ...facts, status: 400 })

interface Bench {
  readonly guards: CallGuards
  readonly clock: ManualClock
  readonly breakers: Breakers
  readonly call: (fault?: Error, model?: string) => Promise<unknown>
}

/** Guards whose chance is always one half. */
function bench(retries: ProviderRetries = {}): Bench {
  const clock = createManualClock()
  const random: Random = { uint32: () => 2 ** 31 }
  const breakers = realBreakers(clock)
  const guards = createPolicyGuards({ breakers, clock, random })({
    provider: 'p',
    retries,
    isRetryable: (fault) => isWorthRetrying(fault, 60_000),
    judge: judgeModelFault,
  })
  const signal = new AbortController().signal
  return {
    guards,
    clock,
    breakers,
    call: (fault, model = 'm') =>
      guards
        .breaker(() => (fault === undefined ? Promise.resolve('done') : Promise.reject(fault)), {
          model,
          signal,
          whenOpen: (open) => new CircuitOpenError(open, { ...facts, isTransient: true }),
        })
        .catch((thrown: unknown) => thrown),
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('the retry', () => {
  test('waits with full jitter, twice as long at most each time', async () => {
    const { guards, clock } = bench({ initialDelayMs: 100, maxDelayMs: 300 })
    const at: number[] = []
    const since = clock.now()
    const work = guards.retry(() => {
      at.push(clock.now() - since)
      return Promise.reject(outage)
    }, new AbortController().signal)
    const fault = faultOf(work)
    for (let passed = 0; passed < 400; passed += 50) {
      // oxlint-disable-next-line no-await-in-loop -- time passes while it waits
      await turn()
      clock.advance(50)
    }
    expect([await fault, at]).toEqual([outage, [0, 50, 150, 300]])
  })

  test('ends at once when its caller leaves between two tries', async () => {
    const { guards, clock } = bench({ initialDelayMs: 60_000, maxDelayMs: 60_000 })
    const stop = new AbortController()
    const fault = faultOf(guards.retry(() => Promise.reject(outage), stop.signal))
    await turn()
    stop.abort(new Error('enough'))
    expect([await fault, clock.pending]).toEqual([new Error('enough'), 0])
  })
})

describe('the breaker', () => {
  const breaker: CircuitOverrides = { leastCalls: 2, openMs: 1_000 }

  test('stops calls to a model that is ill, names it, and says when it is tried again', async () => {
    const { call, clock, breakers } = bench({ breaker })
    const since = clock.now()
    await call(outage)
    await call(outage)
    clock.advance(250)
    expect(await call()).toMatchObject({
      code: 'models.circuit-open',
      isTransient: true,
      retryAfterMs: 750,
      details: {
        dependency: 'model:p:m',
        openSince: since,
        retryAt: since + 1_000,
        lastFault: 'models.provider-failed',
      },
    })
    expect(await call(undefined, 'other')).toBe('done')
    clock.advance(750)
    expect(await call()).toBe('done')
    expect(breakers.list()).toMatchObject([
      { dependency: 'model:p:m', state: 'closed', opened: 1 },
      { dependency: 'model:p:other', state: 'closed', opened: 0 },
    ])
  })

  test('does not count that one asks too often, or asks for what cannot be', async () => {
    const { call, breakers } = bench({ breaker })
    for (const fault of [busy, refused, busy, new Error('ours')]) {
      // oxlint-disable-next-line no-await-in-loop -- the breaker counts them
      expect(await call(fault)).toBe(fault)
    }
    expect(breakers.list()).toMatchObject([{ state: 'closed', calls: 0 }])
  })
})
