/** Tasks of a workflow with how long they took and what they wait for. */
export interface TaskGraph {
  /** The file. */
  readonly name: string
  /** What the instance calls itself. */
  readonly title: string
  readonly tasks: ReadonlyMap<
    string,
    {
      readonly seconds: number
      readonly parents: readonly string[]
      /** What the task runs, as its definition names it. */
      readonly program: string
    }
  >
}

/** No schedule on k workers is shorter than the longest chain, nor than the work divided by k. */
export function lowerBound(graph: TaskGraph, k: number): number {
  let work = 0
  for (const { seconds } of graph.tasks.values()) work += seconds
  return Math.max(work / k, ...longestWays(graph).values())
}

/** One task after the other. */
export function sequential({ tasks }: TaskGraph): number {
  let total = 0
  for (const { seconds } of tasks.values()) total += seconds
  return total
}

/** Level by level: nothing of a level begins before all of the level above has ended. */
export function levels(graph: TaskGraph, k: number): number {
  let total = 0
  for (const level of levelsOf(graph)) {
    total += pack(
      level.map((id) => graph.tasks.get(id)?.seconds ?? 0),
      k,
    )
  }
  return total
}

/** Level by level in batches of k, as Promise.all over slices does. */
export function batches(graph: TaskGraph, k: number): number {
  let total = 0
  for (const level of levelsOf(graph)) {
    for (let at = 0; at < level.length; at += k) {
      total += Math.max(...level.slice(at, at + k).map((id) => graph.tasks.get(id)?.seconds ?? 0))
    }
  }
  return total
}

/** Work-conserving: whatever is ready begins when a worker is free, the highest rank first. */
export function listSchedule(graph: TaskGraph, k: number, rankOf: (id: string) => number): number {
  const waiting = new Map([...graph.tasks].map(([id, { parents }]) => [id, parents.length]))
  const ready = [...waiting].filter(([, count]) => count === 0).map(([id]) => id)
  const running: { readonly id: string; readonly end: number }[] = []
  let now = 0
  while (ready.length > 0 || running.length > 0) {
    ready.sort((a, b) => rankOf(b) - rankOf(a))
    while (running.length < k && ready.length > 0) {
      const id = ready.shift() ?? ''
      running.push({ id, end: now + (graph.tasks.get(id)?.seconds ?? 0) })
    }
    running.sort((a, b) => a.end - b.end)
    const done = running.shift()
    if (done === undefined) break
    now = done.end
    ready.push(...freedBy(done.id, graph, waiting))
  }
  return now
}

/** Tasks that waited for nothing else; counts down what the others wait for. */
function freedBy(
  done: string,
  { tasks }: TaskGraph,
  waiting: Map<string, number>,
): readonly string[] {
  const children = [...tasks].filter(([, { parents }]) => parents.includes(done))
  return children.flatMap(([id]) => {
    const left = (waiting.get(id) ?? 0) - 1
    waiting.set(id, left)
    return left === 0 ? [id] : []
  })
}

function pack(durations: readonly number[], k: number): number {
  const free = Array.from({ length: k }, () => 0)
  for (const seconds of durations) {
    const first = free.indexOf(Math.min(...free))
    free[first] = (free[first] ?? 0) + seconds
  }
  return Math.max(...free)
}

function levelsOf({ tasks }: TaskGraph): readonly (readonly string[])[] {
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    const parents = tasks.get(id)?.parents ?? []
    const depth = parents.length === 0 ? 0 : 1 + Math.max(...parents.map(depthOf))
    depths.set(id, depth)
    return depth
  }
  const found: string[][] = []
  for (const id of tasks.keys()) (found[depthOf(id)] ??= []).push(id)
  return found
}

function longestWays({ tasks }: TaskGraph): ReadonlyMap<string, number> {
  const ways = new Map<string, number>()
  const wayTo = (id: string): number => {
    const known = ways.get(id)
    if (known !== undefined) return known
    const { seconds = 0, parents = [] } = tasks.get(id) ?? {}
    const way = seconds + Math.max(0, ...parents.map(wayTo))
    ways.set(id, way)
    return way
  }
  for (const id of tasks.keys()) wayTo(id)
  return ways
}
