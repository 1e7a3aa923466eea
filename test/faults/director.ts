import { CRASH_POINTS } from '../../src/app/crash-points.ts'
import { present } from '../../src/kernel/present.ts'
import { integerBelow, type Random, uniform } from '../../src/kernel/random.ts'

import type { Seat } from './crew.ts'
import type { Fault, Point } from './messages.ts'
import { pause } from './play.ts'
import { LEASE_MS, type Place, type Stage } from './stage.ts'

/** Where faults can meet a worker. */
export const POINTS: readonly Point[] = [...CRASH_POINTS, 'effect.acted']

/** Most a clock is wrong by, either way. */
const SKEW_MS = 15 * 60_000
/** How long a fault waits for a worker to come to its point. */
const PATIENCE_MS = 1_500
/** Most times a worker passes the point before. */
const MOST_PASSES = 6

/** One fault. */
export interface Strike {
  readonly fault: Fault
  /** Absent: the worker did not come to the point it was meant for, and it met it elsewhere. */
  readonly point: Point | undefined
}

/** What one worker is subjected to. */
export interface Direction {
  readonly seat: Seat
  readonly place: Place
  readonly outages: Stage['outages']
  readonly random: Random
  readonly faults: readonly Fault[]
  readonly points: readonly Point[]
  /** Acts of all workers between two faults of this one, so that work goes on however slow the machine is. */
  readonly every: number
  readonly countActs: () => Promise<number>
}

/** Subjects a worker to one fault after another until `isOver`. */
export async function direct(
  direction: Direction,
  isOver: () => boolean,
  told: (strike: Strike) => void,
): Promise<void> {
  const { seat, random, faults, points } = direction
  const pick = <Item>(items: readonly Item[]): Item =>
    present(items[integerBelow(random, items.length)])
  while (!isOver()) {
    if (!seat.isManned) await seat.start(0)
    await untilWorked(direction, isOver)
    const fault = pick(faults)
    const point = pick(points)
    const skip = integerBelow(random, MOST_PASSES)
    const isThere = await seat.strike({ point, skip, fault }, PATIENCE_MS)
    await meet(direction, fault)
    seat.tell({ kind: 'go' })
    told({ fault, point: isThere ? point : undefined })
    await recover(direction, fault)
  }
}

/** Longest wait for acts: there may be nothing left to do. */
const MOST_REST_MS = 20_000
const LOOK_EVERY_MS = 50

async function untilWorked(
  { every, countActs, random }: Direction,
  isOver: () => boolean,
): Promise<void> {
  const goal = (await countActs()) + 1 + integerBelow(random, 2 * every)
  const since = performance.now()
  while ((await countActs()) < goal && !isOver() && performance.now() - since < MOST_REST_MS)
    await pause(LOOK_EVERY_MS)
}

/** Servers fail one at a time. */
let outage: Promise<void> = Promise.resolve()

/** What comes over the worker. One that was to end or stop itself has; it is made sure of. */
async function meet({ seat, place, outages, random }: Direction, fault: Fault): Promise<void> {
  switch (fault) {
    case 'kill':
      seat.signal('SIGKILL')
      break
    case 'stop':
      seat.signal('SIGSTOP')
      break
    case 'partition': {
      const links = place.links.filter(() => integerBelow(random, 2) === 0)
      for (const link of links.length === 0 ? place.links : links) link.stall()
      break
    }
    case 'skew':
      seat.tell({ kind: 'skew', ms: anySkew(random) })
      break
    case 'database': {
      const fail = present(outages[integerBelow(random, outages.length)])
      await (outage = outage.then(fail))
      break
    }
    default:
      throw new TypeError('unknown fault')
  }
}

async function recover({ seat, place, random }: Direction, fault: Fault): Promise<void> {
  switch (fault) {
    case 'kill':
      await seat.start(anySkew(random))
      break
    case 'stop':
      await pause(beyondLease(random))
      seat.signal('SIGCONT')
      break
    case 'partition':
      await pause(beyondLease(random))
      for (const link of place.links) {
        if (integerBelow(random, 2) === 0) link.heal()
        else link.cut()
      }
      break
    case 'skew':
    case 'database':
      break
    default:
      throw new TypeError('unknown fault')
  }
}

function beyondLease(random: Random): number {
  return LEASE_MS * (1.2 + uniform(random))
}

/** Half of the clocks are right. */
function anySkew(random: Random): number {
  return integerBelow(random, 2) * Math.round((uniform(random) - 0.5) * 2 * SKEW_MS)
}
