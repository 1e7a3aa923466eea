import type { EpochMs } from '../../kernel/clock.ts'
import { present } from '../../kernel/present.ts'

import { dominantShare, NOTHING, plus, type Vector } from './amounts.ts'
import type { ShareRecord } from './schema.ts'
import { levelAt } from './urgency.ts'

/** Something of a tenant's team that waits in the queue. */
export interface Waiting {
  readonly id: string
  readonly tenant: string
  readonly team: string
  readonly key: EpochMs
  readonly needs: Vector
}

/** Whose resources are in use. */
export interface InUse {
  readonly tenant: string
  readonly team: string
  readonly uses: Vector
}

/** What fairness goes by. */
export interface Fairness {
  readonly now: EpochMs
  readonly inUse: readonly InUse[]
  /** All there is, of every resource. */
  readonly whole: Vector
  readonly shares: readonly ShareRecord[]
}

/**
 * Puts what waits into the order in which it is served.
 *
 * @remarks The more urgent level goes first. Within a level, whoever uses least of what they are due:
 * the largest share of any resource, divided by their weight (dominant resource fairness), among
 * tenants first and among the teams of a tenant next. What one asks for counts as used before the
 * next is chosen. Within a team, the smallest key.
 * @see Ghodsi et al., Dominant Resource Fairness, NSDI 2011.
 */
export function* inOrder<Item extends Waiting>(
  waiting: readonly Item[],
  fairness: Fairness,
): Generator<Item> {
  const { now, whole } = fairness
  const used = usageOf(fairness.inUse)
  const weightOf = weights(fairness.shares)
  const lanes = lanesOf(waiting)
  const standing = ({ head, tenant, team }: Lane<Item>): readonly number[] => [
    levelAt(head.key, now),
    dominantShare(used.get(tenant) ?? NOTHING, whole) / weightOf(tenant),
    dominantShare(used.get(laneKey(tenant, team)) ?? NOTHING, whole) / weightOf(tenant, team),
    head.key,
  ]
  while (lanes.length > 0) {
    let best = 0
    let least = standing(present(lanes[0]))
    for (let at = 1; at < lanes.length; at++) {
      const other = standing(present(lanes[at]))
      if (isBefore(other, least)) [best, least] = [at, other]
    }
    const lane = present(lanes[best])
    const { head, rest } = lane
    for (const key of [lane.tenant, laneKey(lane.tenant, lane.team)]) {
      used.set(key, plus(used.get(key) ?? NOTHING, head.needs))
    }
    const next = rest.shift()
    if (next === undefined) lanes.splice(best, 1)
    else lane.head = next
    yield head
  }
}

interface Lane<Item> {
  readonly tenant: string
  readonly team: string
  head: Item
  readonly rest: Item[]
}

function lanesOf<Item extends Waiting>(waiting: readonly Item[]): Lane<Item>[] {
  const lanes = new Map<string, Lane<Item>>()
  const sorted = waiting.toSorted((a, b) => a.key - b.key || (a.id < b.id ? -1 : 1))
  for (const item of sorted) {
    const key = laneKey(item.tenant, item.team)
    const lane = lanes.get(key)
    if (lane === undefined)
      lanes.set(key, { tenant: item.tenant, team: item.team, head: item, rest: [] })
    else lane.rest.push(item)
  }
  return [...lanes.values()]
}

function usageOf(inUse: readonly InUse[]): Map<string, Vector> {
  const used = new Map<string, Vector>()
  for (const { tenant, team, uses } of inUse) {
    for (const key of [tenant, laneKey(tenant, team)]) {
      used.set(key, plus(used.get(key) ?? NOTHING, uses))
    }
  }
  return used
}

function weights(shares: readonly ShareRecord[]): (tenant: string, team?: string) => number {
  const known = new Map(
    shares.map(({ tenant, team, weight }) => [
      team === undefined ? tenant : laneKey(tenant, team),
      weight,
    ]),
  )
  return (tenant, team) => known.get(team === undefined ? tenant : laneKey(tenant, team)) ?? 1
}

/** No name holds a slash. */
function laneKey(tenant: string, team: string): string {
  return `${tenant}/${team}`
}

function isBefore(left: readonly number[], right: readonly number[]): boolean {
  for (const [at, value] of left.entries()) {
    const other = right[at] ?? 0
    if (value !== other) return value < other
  }
  return false
}
