import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'

import { fits, minus, NOTHING, onMachine, plus, total, toVector, type Vector } from './amounts.ts'
import { inOrder } from './order.ts'
import { place, type Queued, type Room, type Running, type Terms } from './place.ts'
import { PRIORITIES, RESOURCES } from './schema.ts'
import { AGE_STEP_MS, levelAt, levelOf, queueKey } from './urgency.ts'

const NOW = 1_000_000_000

const queued = (id: string, more: Partial<Queued> & { readonly cores?: number } = {}): Queued => {
  const priority = more.priority ?? 'normal'
  return {
    id,
    tenant: 't',
    team: 'default',
    priority,
    key: queueKey({ priority, createdAt: NOW }),
    expectedMs: undefined,
    needs: toVector({ cpu_cores: more.cores ?? 1 }),
    ...more,
  }
}

const running = (
  id: string,
  more: Partial<Running> & { readonly cores?: number } = {},
): Running => ({
  id,
  priority: 'normal',
  isPreemptible: false,
  uses: toVector({ cpu_cores: more.cores ?? 1 }),
  startedAt: NOW,
  expectedMs: undefined,
  ...more,
})

const room = (cores: number, more: Partial<Room> = {}): Room => ({
  capacity: toVector({ cpu_cores: cores }),
  running: [],
  places: 100,
  ...more,
})

const terms = (more: Partial<Terms> = {}): Terms => ({
  now: NOW,
  inUse: [],
  whole: toVector({ cpu_cores: 100, gpu_units: 10 }),
  shares: [],
  limits: [],
  ...more,
})

describe('the order of a queue', () => {
  test('is that of priorities, for work that came at the same time', () => {
    const waiting = PRIORITIES.toReversed().map((priority) => queued(priority, { priority }))
    expect([...inOrder(waiting, terms())].map(({ id }) => id)).toEqual([...PRIORITIES])
  })

  test('lets nothing starve: whatever has waited long enough goes before what is immediate', () => {
    const old = queued('old', {
      priority: 'flexible',
      key: queueKey({ priority: 'flexible', createdAt: NOW - 6 * AGE_STEP_MS }),
    })
    const fresh = queued('fresh', { priority: 'immediate' })
    expect([...inOrder([fresh, old], terms())][0]?.id).toBe('old')
  })

  test('pulls what has a deadline forward at the last moment to begin it', () => {
    const at = { priority: 'background', createdAt: NOW, deadline: NOW + 5_000 } as const
    expect(levelAt(queueKey(at), NOW)).toBe(1)
    expect(levelAt(queueKey({ ...at, expectedMs: 5_000 }), NOW)).toBe(0)
  })

  test('goes round tenants that use the same share', () => {
    const waiting = ['a', 'b', 'c'].flatMap((tenant) =>
      [1, 2].map((n) => queued(`${tenant}${n}`, { tenant, key: NOW + n })),
    )
    const order = [...inOrder(waiting, terms())].map(({ tenant }) => tenant)
    expect(order.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c'])
    expect(order.slice(3).toSorted()).toEqual(['a', 'b', 'c'])
  })

  test('gives a tenant of three times the weight three times as much', () => {
    const waiting = ['a', 'b'].flatMap((tenant) =>
      Array.from({ length: 40 }, (_, n) => queued(`${tenant}${n}`, { tenant, key: NOW + n })),
    )
    const shares = [{ tenant: 'a', weight: 3 }]
    const first = [...inOrder(waiting, terms({ shares }))].slice(0, 20)
    expect(first.filter(({ tenant }) => tenant === 'a')).toHaveLength(15)
  })

  test('shares among the teams of a tenant what the tenant is given', () => {
    const lanes = [
      { tenant: 'a', team: 'x' },
      { tenant: 'a', team: 'y' },
      { tenant: 'b', team: 'z' },
    ]
    const waiting = lanes.flatMap(({ tenant, team }) =>
      Array.from({ length: 20 }, (_, n) => queued(`${team}${n}`, { tenant, team, key: NOW + n })),
    )
    const first = [...inOrder(waiting, terms())].slice(0, 20)
    const countOf = (team: string): number => first.filter((each) => each.team === team).length
    expect([countOf('x'), countOf('y'), countOf('z')]).toEqual([5, 5, 10])
  })

  test('counts the largest share of any resource: a few GPUs weigh as much as many cores', () => {
    const cores = queued('cores', { tenant: 'a' })
    const gpu = queued('gpu', { tenant: 'b' })
    const inUse = [
      { tenant: 'a', team: 'default', uses: toVector({ cpu_cores: 20 }) },
      { tenant: 'b', team: 'default', uses: toVector({ gpu_units: 3 }) },
    ]
    expect([...inOrder([gpu, cores], terms({ inUse }))][0]?.id).toBe('cores')
  })
})

describe('placement', () => {
  test('begins what fits, all or nothing', () => {
    const waiting = [queued('a', { cores: 3 }), queued('b', { cores: 1, key: NOW + 9e9 })]
    expect(place(waiting, room(4), terms()).begin).toEqual(['a', 'b'])
    expect(place(waiting, room(3), terms()).begin).toEqual(['a'])
  })

  test('passes over what no worker of this size can run', () => {
    const waiting = [queued('huge', { cores: 9 }), queued('small', { key: NOW + 9e9 })]
    expect(place(waiting, room(4), terms()).begin).toEqual(['small'])
  })

  test('begins no more steps than there are places', () => {
    const waiting = [queued('a'), queued('b')]
    expect(place(waiting, room(4, { places: 1 }), terms()).begin).toHaveLength(1)
  })

  test('reserves room for a large step, so that small ones behind it cannot starve it', () => {
    const held = [running('r', { cores: 2 })]
    const waiting = [
      queued('large', { cores: 4, key: NOW }),
      queued('small', { cores: 2, key: NOW + 1 }),
    ]
    expect(place(waiting, room(4, { running: held }), terms()).begin).toEqual([])
  })

  test('fills a reservation with what ends before it begins', () => {
    const held = [running('r', { cores: 2, expectedMs: 60_000 })]
    const waiting = [
      queued('large', { cores: 4, key: NOW }),
      queued('long', { cores: 2, key: NOW + 1, expectedMs: 60_001 }),
      queued('short', { cores: 2, key: NOW + 2, expectedMs: 60_000 }),
    ]
    expect(place(waiting, room(4, { running: held }), terms()).begin).toEqual(['short'])
  })

  test('fills a reservation with what fits beside it', () => {
    const held = [running('r', { cores: 3, expectedMs: 60_000 })]
    const waiting = [
      queued('large', { cores: 3, key: NOW }),
      queued('beside', { cores: 1, key: NOW + 1 }),
      queued('too-much', { cores: 1, key: NOW + 2 }),
    ]
    const { begin } = place(waiting, room(5, { running: held }), terms())
    expect(begin).toEqual(['beside', 'too-much'])
    expect(place(waiting, room(4, { running: held }), terms()).begin).toEqual(['beside'])
  })

  test('preempts the fewest of what is least urgent and was begun last', () => {
    const held = [
      running('old', { priority: 'low', isPreemptible: true, startedAt: NOW - 9 }),
      running('new', { priority: 'low', isPreemptible: true }),
      running('firm', { priority: 'background' }),
      running('high', { priority: 'high', isPreemptible: true }),
    ]
    const urgent = queued('urgent', { priority: 'immediate' })
    const answer = place([urgent], room(4, { running: held }), terms())
    expect(answer).toEqual({ begin: [], preempt: ['new'] })
    const normal = queued('normal', { priority: 'normal' })
    expect(place([normal], room(4, { running: held }), terms()).preempt).toEqual([])
  })

  test('preempts nothing when that would not be enough', () => {
    const held = [
      running('low', { priority: 'low', isPreemptible: true }),
      running('firm', { cores: 3 }),
    ]
    const urgent = queued('urgent', { priority: 'immediate', cores: 2 })
    expect(place([urgent], room(4, { running: held }), terms()).preempt).toEqual([])
  })

  test.each(RESOURCES)(
    'holds %s to its limit, for a tenant, a team and all together',
    (resource) => {
      const needs = toVector({ [resource]: 2 })
      const waiting = ['a', 'b'].map((tenant) => queued(tenant, { tenant, needs }))
      const wide = { capacity: toVector(Object.fromEntries(RESOURCES.map((each) => [each, 99]))) }
      const begun = (limit: Partial<Terms['limits'][number]>): readonly string[] =>
        place(waiting, room(0, wide), terms({ limits: [{ resource, amount: 3, ...limit }] })).begin
      expect(begun({})).toHaveLength(1)
      expect(begun({ tenant: 'a' })).toEqual(['a', 'b'])
      expect(begun({ tenant: 'a', amount: 1 })).toEqual(['b'])
      expect(begun({ tenant: 'b', team: 'default', amount: 1 })).toEqual(['a'])
      expect(begun({ tenant: 'b', team: 'other', amount: 1 })).toEqual(['a', 'b'])
    },
  )

  test('counts what runs elsewhere against a limit', () => {
    const inUse = [{ tenant: 't', team: 'default', uses: toVector({ ftns_credits: 9 }) }]
    const limits = [{ resource: 'ftns_credits', amount: 10 } as const]
    const waiting = [queued('a', { needs: toVector({ ftns_credits: 2 }) })]
    expect(place(waiting, room(4), terms({ inUse, limits })).begin).toEqual([])
    expect(place(waiting, room(4), terms({ inUse: [], limits })).begin).toEqual(['a'])
  })
})

/** Every subset of the waiting steps, tried by force; durations are not known. */
function bruteForce(
  waiting: readonly Queued[],
  { capacity, running: held }: Room,
  by: Terms,
): string[] {
  const order = [...inOrder(waiting, by)].filter(({ needs }) => fits(onMachine(needs), capacity))
  const used = total(held.map(({ uses }) => uses))
  const isLegal = (chosen: readonly Queued[]): boolean => {
    const taken = total(chosen.map(({ needs }) => onMachine(needs)))
    if (!fits(taken, minus(capacity, used))) return false
    // The first that is left out because there is no room must be able to begin when all that ran,
    // and what was begun before it was found to be in the way, has ended.
    let before: Vector = NOTHING
    for (const [at, step] of order.entries()) {
      const needs = onMachine(step.needs)
      if (chosen.includes(step)) {
        before = plus(before, needs)
        continue
      }
      if (fits(needs, minus(minus(capacity, used), before))) return false
      const behind = total(
        order
          .slice(at + 1)
          .filter((each) => chosen.includes(each))
          .map((each) => onMachine(each.needs)),
      )
      return fits(plus(behind, needs), capacity)
    }
    return true
  }
  let best: { readonly chosen: readonly Queued[]; readonly rank: number } = { chosen: [], rank: -1 }
  for (let mask = 0; mask < 2 ** order.length; mask++) {
    const chosen = order.filter((_, at) => (mask & (1 << (order.length - 1 - at))) !== 0)
    // A mask whose more urgent bits are set is the larger number: the first in order counts most.
    if (mask > best.rank && isLegal(chosen)) best = { chosen, rank: mask }
  }
  return best.chosen.map(({ id }) => id)
}

const cases = fc.record({
  cores: fc.integer({ min: 1, max: 8 }),
  gpus: fc.integer({ min: 0, max: 3 }),
  held: fc.array(
    fc.record({ cores: fc.integer({ min: 0, max: 3 }), gpus: fc.integer({ min: 0, max: 1 }) }),
    { maxLength: 2 },
  ),
  waiting: fc.array(
    fc.record({
      cores: fc.integer({ min: 0, max: 5 }),
      gpus: fc.integer({ min: 0, max: 2 }),
      tenant: fc.constantFrom('a', 'b'),
      level: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 7 },
  ),
})

describe('placement of small cases', () => {
  property.prop([cases])('is what trying every subset gives', ({ cores, gpus, held, waiting }) => {
    const capacity = toVector({ cpu_cores: cores, gpu_units: gpus })
    const heldFit = held.map((each, at) =>
      running(`r${at}`, { uses: toVector({ cpu_cores: each.cores, gpu_units: each.gpus }) }),
    )
    const runs = fits(total(heldFit.map(({ uses }) => uses)), capacity) ? heldFit : []
    const steps = waiting.map((each, at) => {
      const priority = PRIORITIES[each.level] ?? 'normal'
      return queued(`w${at}`, {
        tenant: each.tenant,
        priority,
        key: queueKey({ priority, createdAt: NOW + at }),
        needs: toVector({ cpu_cores: each.cores, gpu_units: each.gpus }),
      })
    })
    const where: Room = { capacity, running: runs, places: 100 }
    const by = terms({ whole: capacity })
    expect(place(steps, where, by).begin).toEqual(bruteForce(steps, where, by))
  })

  property.prop([cases])('never takes more than there is', ({ cores, gpus, waiting }) => {
    const capacity = toVector({ cpu_cores: cores, gpu_units: gpus })
    const steps = waiting.map((each, at) =>
      queued(`w${at}`, {
        needs: toVector({ cpu_cores: each.cores, gpu_units: each.gpus }),
        expectedMs: each.level * 1_000,
      }),
    )
    const { begin } = place(steps, { capacity, running: [], places: 100 }, terms())
    const taken = total(steps.filter(({ id }) => begin.includes(id)).map(({ needs }) => needs))
    expect(fits(taken, capacity)).toBe(true)
  })
})

test('levels follow the priorities', () => {
  expect(PRIORITIES.map((priority) => levelOf(priority))).toEqual([0, 1, 2, 3, 4, 5])
})
