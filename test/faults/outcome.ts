import type { Json } from '../../src/kernel/json.ts'

import type { Act, Graph, Node } from './graph.ts'

/** What a workflow comes to, worked out from its graph one step after the other. */
export interface Outcome {
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly output: Json | undefined
  /** Code of its failure. */
  readonly error: string | undefined
  /** µFTNS. */
  readonly cost: bigint
  /** Units that complete, sorted. */
  readonly completed: readonly string[]
  /** Units that are undone, sorted. */
  readonly undone: readonly string[]
  /** Keys under which its steps act, without the run's own part, sorted. */
  readonly acts: readonly string[]
  /** Costs of runs that its steps begin, sorted: each is one act. */
  readonly children: readonly bigint[]
}

/** Works out what a workflow comes to, with nothing of what is under test. */
export function outcomeOf({ nodes }: Graph): Outcome {
  const values = new Map<string, number>()
  const spent: bigint[] = []
  const completed: string[] = []
  const acts: string[] = []
  const children: bigint[] = []
  const blocked = new Set<string>()
  for (const node of nodes) {
    const { name, needs, work } = node
    if (isDoomed(node) || needs.some((need) => blocked.has(need))) {
      if (isDoomed(node) && !needs.some((need) => blocked.has(need))) acts.push(name)
      blocked.add(name)
      continue
    }
    const sum = needs.reduce((total, need) => total + (values.get(need) ?? 0), 0)
    switch (work.kind) {
      case 'act':
        values.set(name, valueOf(work, sum))
        acts.push(...keysOf(name, work))
        if (work.fate === 'excused') break
        completed.push(...unitsOf(name, work))
        spent.push(BigInt(work.price * keysOf(name, work).length))
        break
      case 'child':
        values.set(name, work.gives)
        completed.push(name)
        children.push(BigInt(work.price))
        break
      case 'wait':
      case 'letter':
        values.set(name, work.kind === 'letter' ? work.value : 0)
        completed.push(name)
        break
      case 'never':
        break
      default:
        throw new TypeError('unknown work')
    }
  }
  const status = statusOf(nodes)
  const undoings = status === 'completed' ? [] : undoingsOf(nodes, new Set(completed))
  acts.push(...undoings.map(({ unit }) => `${unit}/undo`))
  spent.push(...undoings.map(({ price }) => price), ...children)
  const output = Object.fromEntries(nodes.map(({ name }) => [name, values.get(name) ?? 0]))
  return {
    status,
    output: status === 'completed' ? output : undefined,
    error: status === 'failed' ? 'internal.fault' : undefined,
    cost: spent.reduce((total, cost) => total + cost, 0n),
    completed: completed.toSorted(),
    undone: undoings.map(({ unit }) => unit).toSorted(),
    acts: acts.toSorted(),
    children: children.toSorted(),
  }
}

function isDoomed({ work }: Node): boolean {
  return work.kind === 'act' && work.fate === 'doomed'
}

function statusOf(nodes: readonly Node[]): Outcome['status'] {
  if (nodes.some(isDoomed)) return 'failed'
  return nodes.some(({ work }) => work.kind === 'never') ? 'cancelled' : 'completed'
}

function valueOf({ gives, items, fate }: Act, sum: number): number {
  if (fate === 'excused') return items === undefined ? gives : gives * items
  if (items === undefined) return gives + sum
  let total = 0
  for (let item = 0; item < items; item++) total += gives + item + sum
  return total
}

function unitsOf(name: string, { items }: Pick<Act, 'items'>): readonly string[] {
  return items === undefined ? [name] : Array.from({ length: items }, (_, n) => `${name}[${n}]`)
}

function keysOf(name: string, act: Act): readonly string[] {
  const { passes = 1, fate } = act
  // What fails is not repeated.
  const count = fate === 'excused' ? 1 : passes
  return unitsOf(name, act).flatMap((unit) =>
    Array.from({ length: count }, (_, n) => (n === 0 ? unit : `${unit}/pass-${n + 1}`)),
  )
}

interface Undone {
  readonly unit: string
  readonly price: bigint
}

function undoingsOf(nodes: readonly Node[], completed: ReadonlySet<string>): readonly Undone[] {
  return nodes.flatMap(({ name, work }) => {
    if (work.kind !== 'act' || work.undo === undefined) return []
    const price = BigInt(work.undo.price)
    return unitsOf(name, work)
      .filter((unit) => completed.has(unit))
      .map((unit) => ({ unit, price }))
  })
}

/** Whether a step builds on another, by way of any number of steps. */
export function buildsOn({ nodes }: Graph, later: string, earlier: string): boolean {
  const needs = nodes.find(({ name }) => name === later)?.needs ?? []
  return needs.some(
    (need) => need === earlier || buildsOn({ nodes, concurrency: 1 }, need, earlier),
  )
}
