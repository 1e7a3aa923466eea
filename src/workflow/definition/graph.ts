/** What each step needs, by name. Every name in the lists is a key. */
export type Needs = ReadonlyMap<string, readonly string[]>

/** The steps in an order in which each comes after what it needs, or the cycles that forbid one. */
export type Ordering =
  | { readonly ok: true; readonly order: readonly string[] }
  | { readonly ok: false; readonly cycles: readonly (readonly string[])[] }

/**
 * Orders the steps.
 *
 * @remarks Linear in steps and edges and not recursive, so a graph of 100,000 steps is no problem.
 * Each cycle is one shortest way round through its first step, in the order of the definition.
 */
export function orderSteps(needs: Needs): Ordering {
  const waitingFor = new Map([...needs].map(([name, list]) => [name, list.length]))
  const dependents = invert(needs)
  const order = [...needs].filter(([, list]) => list.length === 0).map(([name]) => name)
  for (const name of order) {
    for (const dependent of dependents.get(name) ?? []) {
      const left = (waitingFor.get(dependent) ?? 0) - 1
      waitingFor.set(dependent, left)
      if (left === 0) order.push(dependent)
    }
  }
  if (order.length === needs.size) return { ok: true, order }
  const done = new Set(order)
  return {
    ok: false,
    cycles: findCycles(
      needs,
      [...needs.keys()].filter((name) => !done.has(name)),
    ),
  }
}

/** Who needs each step. */
export function invert(needs: Needs): Map<string, string[]> {
  const dependents = new Map<string, string[]>([...needs.keys()].map((name) => [name, []]))
  for (const [name, list] of needs) for (const need of list) dependents.get(need)?.push(name)
  return dependents
}

/**
 * Who needs each step, by places; the place of a step is its index in the order.
 *
 * @remarks Two lists of numbers for the whole graph: ranks are computed again and again while a run
 * learns, and looking up names would take most of that time.
 */
export interface PlacedGraph {
  /** Where the dependents of each place begin in `dependents`; one more entry for the end. */
  readonly starts: Int32Array
  readonly dependents: Int32Array
}

/** Numbers the steps; `order` as {@link orderSteps} gives it. */
export function placeGraph(
  order: readonly string[],
  dependents: ReadonlyMap<string, readonly string[]>,
): PlacedGraph {
  const places = new Map(order.map((name, place) => [name, place]))
  const lists = order.map((name) => dependents.get(name) ?? [])
  const starts = new Int32Array(order.length + 1)
  for (const [place, list] of lists.entries())
    starts[place + 1] = (starts[place] ?? 0) + list.length
  return {
    starts,
    dependents: Int32Array.from(lists.flat(), (name) => places.get(name) ?? -1),
  }
}

/**
 * Length of the longest way from each step to an end, its own weight included, by places.
 *
 * @remarks Starting ready steps by falling rank is critical-path list scheduling: Graham's bound of
 * (2 − 1/k) times the optimum holds for any order, and this one is close to it in practice
 * (docs/sources.md#list-scheduling).
 * @param weights - expected duration of the step at each place, any unit, above zero.
 */
export function rankPlaces(
  { starts, dependents }: PlacedGraph,
  weights: Float64Array,
): Float64Array {
  const ranks = new Float64Array(starts.length - 1)
  for (let place = ranks.length - 1; place >= 0; place--) {
    let longest = 0
    const end = starts[place + 1] ?? 0
    for (let at = starts[place] ?? 0; at < end; at++) {
      const rank = ranks[dependents[at] ?? -1] ?? 0
      if (rank > longest) longest = rank
    }
    ranks[place] = longest + (weights[place] ?? 0)
  }
  return ranks
}

/** More cycles than this help nobody. */
const MAX_CYCLES = 20

/** One cycle through each knot of steps that all need each other. */
function findCycles(needs: Needs, stuck: readonly string[]): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = []
  const place = new Map([...needs.keys()].map((name, index) => [name, index]))
  for (const knot of findKnots(needs, stuck)) {
    const first = knot.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))[0]
    const cycle = first === undefined ? undefined : shortestCycle(needs, first, new Set(knot))
    if (cycle !== undefined) cycles.push(cycle)
    if (cycles.length === MAX_CYCLES) break
  }
  return cycles
}

interface Visit {
  readonly name: string
  readonly needs: readonly string[]
  next: number
}

/**
 * Sets of steps that can all reach each other, and steps that need themselves.
 *
 * @remarks Source: Tarjan's strongly connected components (docs/sources.md#tarjan), with a stack of
 * its own instead of recursion.
 */
function findKnots(needs: Needs, stuck: readonly string[]): readonly (readonly string[])[] {
  const number = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const knots: (readonly string[])[] = []
  const enter = (name: string): Visit => {
    number.set(name, number.size)
    low.set(name, number.size - 1)
    open.push(name)
    isOpen.add(name)
    return { name, needs: needs.get(name) ?? [], next: 0 }
  }
  const lower = (name: string, to: number | undefined): void => {
    low.set(name, Math.min(low.get(name) ?? 0, to ?? 0))
  }
  const leave = ({ name, needs: list }: Visit): void => {
    if (low.get(name) !== number.get(name)) return
    const knot = open.splice(open.lastIndexOf(name))
    for (const each of knot) isOpen.delete(each)
    if (knot.length > 1 || list.includes(name)) knots.push(knot)
  }
  for (const start of stuck) {
    if (number.has(start)) continue
    const stack = [enter(start)]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.needs[top.next++]
      if (need === undefined) {
        stack.pop()
        leave(top)
        const below = stack.at(-1)
        if (below !== undefined) lower(below.name, low.get(top.name))
      } else if (!number.has(need)) stack.push(enter(need))
      else if (isOpen.has(need)) lower(top.name, number.get(need))
    }
  }
  return knots
}

/** Breadth-first from `start` back to itself within its knot; written in the order of execution. */
function shortestCycle(
  needs: Needs,
  start: string,
  knot: ReadonlySet<string>,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const name of queue) {
    for (const need of needs.get(name) ?? []) {
      if (need === start) return trace(cameFrom, start, name)
      if (cameFrom.has(need) || !knot.has(need)) continue
      cameFrom.set(need, name)
      queue.push(need)
    }
  }
  return undefined
}

function trace(
  cameFrom: ReadonlyMap<string, string>,
  start: string,
  last: string,
): readonly string[] {
  const way = [last]
  for (let name = last; name !== start;) {
    name = cameFrom.get(name) ?? start
    way.push(name)
  }
  return way
}
