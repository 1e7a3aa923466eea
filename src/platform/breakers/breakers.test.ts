import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import {
  type Breakers,
  type CircuitSettings,
  circuitSettings,
  type FaultVerdict,
} from '../../kernel/breakers.ts'
import { silentLog } from '../../kernel/log.ts'
import { noTelemetry } from '../../kernel/telemetry.ts'
import { createManualClock, type ManualClock } from '../../kernel/testing.ts'

import { createBreakers } from './breakers.ts'

/** A fault that says itself what it means. */
class Fault extends Error {
  readonly verdict: FaultVerdict
  constructor(verdict: FaultVerdict) {
    super(verdict)
    this.verdict = verdict
  }
}

class Refused extends Error {
  readonly retryAfterMs: number
  constructor(retryAfterMs: number) {
    super('refused')
    this.retryAfterMs = retryAfterMs
  }
}

type How = 'good' | FaultVerdict

interface Bench {
  readonly clock: ManualClock
  readonly breakers: Breakers
  readonly changes: string[]
  /** Makes a call that ends as is said; gives `refused` when it is not made. */
  readonly call: (
    how: How | Promise<How>,
    more?: { name?: string; signal?: AbortSignal },
  ) => Promise<string>
  state(): string | undefined
}

function bench(settings: Partial<CircuitSettings> = {}, maxCircuits = 1_000): Bench {
  const clock = createManualClock()
  const breakers = createBreakers({
    settings: circuitSettings.parse({
      windowMs: 10_000,
      leastCalls: 4,
      openMs: 1_000,
      ...settings,
    }),
    clock,
    log: silentLog,
    telemetry: noTelemetry,
    maxCircuits,
  })
  const changes: string[] = []
  breakers.onChange(({ from, to }) => changes.push(`${from} ${to}`))
  return {
    clock,
    breakers,
    changes,
    state: () => breakers.list()[0]?.state,
    async call(how, { name = 'http:a', signal } = {}) {
      try {
        return await breakers.call({
          dependency: { name },
          signal,
          judge: (fault) => (fault instanceof Fault ? fault.verdict : 'unknown'),
          whenOpen: ({ retryAfterMs }) => new Refused(retryAfterMs),
          async run() {
            const end = await how
            if (end === 'good') return end
            throw new Fault(end)
          },
        })
      } catch (fault) {
        return fault instanceof Error ? fault.message : 'nothing'
      }
    },
  }
}

async function calls({ call }: Bench, ...how: readonly How[]): Promise<readonly string[]> {
  const ends: string[] = []
  // oxlint-disable-next-line no-await-in-loop -- the order is what counts
  for (const each of how) ends.push(await call(each))
  return ends
}

/** A call whose end is said later. */
function held(): { readonly how: Promise<How>; end(how: How): void } {
  let end: (how: How) => void = () => undefined
  const how = new Promise<How>((resolve) => void (end = resolve))
  return { how, end: (as) => end(as) }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('a closed circuit', () => {
  test('opens when the share of faults within the window is reached, and not before the least number of calls', async () => {
    const one = bench()
    await calls(one, 'ill', 'ill', 'ill')
    expect(one.state()).toBe('closed')
    await calls(one, 'good')
    expect(one.state()).toBe('closed')
    await calls(one, 'ill')
    expect([one.state(), one.changes]).toEqual(['open', ['closed open']])
    expect(one.breakers.list()).toMatchObject([
      {
        dependency: 'http:a',
        calls: 5,
        faults: 4,
        opened: 1,
        lastFault: { code: 'internal.fault' },
      },
    ])
  })

  test('forgets what is older than its window', async () => {
    const one = bench()
    await calls(one, 'ill', 'ill', 'ill')
    one.clock.advance(10_000)
    await calls(one, 'ill')
    expect(one.breakers.list()).toMatchObject([{ state: 'closed', calls: 1, faults: 1 }])
  })

  test('does not count what is the caller’s own fault, or what nobody knows', async () => {
    const one = bench({ leastCalls: 1 })
    await calls(one, 'answered', 'unknown', 'answered')
    expect(one.breakers.list()).toMatchObject([{ state: 'closed', calls: 0, faults: 0 }])
  })

  test('is that of one dependency, and of one tenant where one is named', async () => {
    const one = bench({ leastCalls: 1 })
    await one.call('ill', { name: 'http:b' })
    expect(await one.call('good')).toBe('good')
    const states = one.breakers.list().map(({ dependency, state }) => [dependency, state])
    expect(states).toEqual([
      ['http:b', 'open'],
      ['http:a', 'closed'],
    ])
  })
})

describe('an open circuit', () => {
  test('refuses at once and says for how long', async () => {
    const one = bench({ leastCalls: 1 })
    await one.call('ill')
    one.clock.advance(400)
    const refused = one.breakers.call({
      dependency: { name: 'http:a' },
      judge: () => 'unknown',
      whenOpen: (open) => Object.assign(new Error('open'), open),
      run: async () => 1,
    })
    const now = one.clock.now()
    await expect(refused).rejects.toMatchObject({
      dependency: 'http:a',
      openSince: now - 400,
      retryAt: now + 600,
      retryAfterMs: 600,
      lastFault: 'internal.fault',
    })
  })

  test('takes no notice of calls that began before it opened', async () => {
    const one = bench({ leastCalls: 1 })
    const late = held()
    const ending = one.call(late.how)
    await turn()
    await one.call('ill')
    late.end('good')
    expect([await ending, one.state()]).toEqual(['good', 'open'])
  })

  test('is closed by hand', async () => {
    const one = bench({ leastCalls: 1 })
    await one.call('ill')
    expect(one.breakers.reset('http:none')).toBe(0)
    expect(one.breakers.reset('http:a', 'somebody')).toBe(0)
    expect(one.breakers.reset('http:a')).toBe(1)
    expect(await one.call('good')).toBe('good')
    expect(one.changes).toEqual(['closed open', 'open closed'])
  })
})

describe('a half-open circuit', () => {
  const halfOpen = async (settings: Partial<CircuitSettings> = {}): Promise<Bench> => {
    const one = bench({ leastCalls: 1, ...settings })
    await one.call('ill')
    one.clock.advance(1_000)
    return one
  }

  test('closes after its trials, of which any answer will do', async () => {
    const one = await halfOpen({ trials: 2 })
    expect(await calls(one, 'answered')).toEqual(['answered'])
    expect(one.state()).toBe('half_open')
    await calls(one, 'good')
    expect(one.changes).toEqual(['closed open', 'open half_open', 'half_open closed'])
    expect(one.breakers.list()).toMatchObject([{ calls: 0, opened: 1 }])
  })

  test('opens again when a trial fails', async () => {
    const one = await halfOpen({ trials: 2 })
    expect(await calls(one, 'good', 'ill', 'good')).toEqual(['good', 'ill', 'refused'])
    expect(one.changes.at(-1)).toBe('half_open open')
  })

  test('lets others wait for the outcome of its trials', async () => {
    const one = await halfOpen()
    const trial = held()
    const [first, second, third] = [one.call(trial.how), one.call('good'), one.call('ill')]
    await turn()
    trial.end('good')
    expect(await Promise.all([first, second, third])).toEqual(['good', 'good', 'ill'])
  })

  test('refuses them when the trial has failed', async () => {
    const one = await halfOpen()
    const trial = held()
    const all = [one.call(trial.how), one.call('good'), one.call('good')]
    await turn()
    trial.end('ill')
    expect(await Promise.all(all)).toEqual(['ill', 'refused', 'refused'])
  })

  test('gives the place of a trial that nobody waited for to the next', async () => {
    const one = await halfOpen()
    const trial = held()
    const all = [one.call(trial.how), one.call('good')]
    await turn()
    trial.end('unknown')
    expect([await Promise.all(all), one.state()]).toEqual([['unknown', 'good'], 'closed'])
  })

  test('lets go of a caller that is stopped', async () => {
    const one = await halfOpen()
    const stop = new AbortController()
    const trial = held()
    const first = one.call(trial.how)
    await turn()
    const second = one.call('good', { signal: stop.signal })
    await turn()
    stop.abort(new Error('enough'))
    expect(await second).toBe('enough')
    trial.end('good')
    expect(await first).toBe('good')
  })
})

test('what is idle is forgotten when there are too many', async () => {
  const one = bench({ leastCalls: 1 }, 2)
  await one.call('ill', { name: 'http:ill' })
  await one.call('good', { name: 'http:well' })
  one.clock.advance(10_000)
  await one.call('good', { name: 'http:new' })
  expect(one.breakers.list().map(({ dependency }) => dependency)).toEqual(['http:ill', 'http:new'])
  one.clock.advance(11_000)
  await one.call('good', { name: 'http:newer' })
  expect(one.breakers.list().map(({ dependency }) => dependency)).toEqual(['http:newer'])
})

const step = fc.oneof(
  fc.record({ wait: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({ how: fc.constantFrom<How>('good', 'ill', 'answered', 'unknown') }),
)

test.prop([fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 3 })])(
  'a call is made unless the circuit is open, and it opens exactly when the window is that ill',
  async (steps, trials) => {
    const settings = circuitSettings.parse({ leastCalls: 3, openMs: 1_000, trials, windowMs: 1e6 })
    const one = bench(settings)
    let window: boolean[] = []
    let [good, openUntil] = [0, -1]
    for (const each of steps) {
      if ('wait' in each) {
        one.clock.advance(each.wait)
        continue
      }
      const isOpen = one.clock.now() < openUntil
      // oxlint-disable-next-line no-await-in-loop -- the order is what counts
      expect(await one.call(each.how)).toBe(isOpen ? 'refused' : each.how)
      if (isOpen) continue
      const isTrial = openUntil >= 0
      if (isTrial) good += each.how === 'good' || each.how === 'answered' ? 1 : 0
      else if (each.how === 'good' || each.how === 'ill') window.push(each.how === 'ill')
      const faults = window.filter(Boolean).length
      const isIll = isTrial || (window.length >= 3 && faults >= window.length / 2)
      if (each.how === 'ill' && isIll) {
        openUntil = one.clock.now() + settings.openMs
        good = 0
      } else if (isTrial && good === trials) {
        ;[openUntil, good, window] = [-1, 0, []]
      }
    }
  },
)
