import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { integerBelow, type Random, shuffled, uniform } from '../../src/kernel/random.ts'

/** A step that acts outside, as `effectKind` does. */
export interface Act {
  readonly kind: 'act'
  readonly ms: number
  /** What it gives, on top of what the steps it needs have given. */
  readonly gives: number
  /** Hundreds of tokens it uses, which is its price in µFTNS. */
  readonly price: number
  /** Tries that fail before one that does not. */
  readonly failsFirst: number
  /** Items, each of which acts; absent: it is no list. */
  readonly items?: number
  /** Passes of a loop. */
  readonly passes?: number
  /** How it is undone. */
  readonly undo?: { readonly price: number; readonly failsFirst: number }
  /** Whether it waits in the queue for a worker. */
  readonly isQueued: boolean
  /** `doomed`: fails for good. `excused`: fails for good, and the run goes on with what it gives. */
  readonly fate: 'good' | 'doomed' | 'excused'
}

/** What a step does. */
export type Work =
  | Act
  | { readonly kind: 'wait'; readonly ms: number }
  /** A signal of the step's name, sent when the run begins or this much later. */
  | { readonly kind: 'letter'; readonly value: number; readonly afterMs: number }
  /** A run of one step. */
  | { readonly kind: 'child'; readonly gives: number; readonly price: number }
  /** Waits for what never comes. */
  | { readonly kind: 'never' }

/** A step. */
export interface Node {
  readonly name: string
  readonly needs: readonly string[]
  readonly work: Work
}

/** A workflow whose outcome is known by construction. */
export interface Graph {
  readonly nodes: readonly Node[]
  readonly concurrency: number
  /** When somebody pauses it for a while, after its beginning; absent: nobody does. */
  readonly pauseAfterMs?: number
}

/** Share of workflows with a wait so long that their run leaves memory. */
const LONG_SHARE = 0.01
const LONG_MS = 10_500

/** A random workflow. */
export function anyGraph(random: Random): Graph {
  const below = (bound: number): number => integerBelow(random, bound)
  const size = 3 + below(6)
  const end = uniform(random)
  const nodes: Node[] = []
  for (let n = 0; n < size; n++) {
    const count = n === 0 ? 0 : Math.min(n, below(3))
    const needs = shuffled(random, nodes)
      .slice(0, count)
      .map(({ name }) => name)
    nodes.push({ name: `s${n}`, needs, work: anyWork(random) })
  }
  if (uniform(random) < LONG_SHARE)
    nodes.push({ name: 'long', needs: ['s0'], work: { kind: 'wait', ms: LONG_MS } })
  if (end < 0.2) doom(nodes, below(size))
  else if (end < 0.3) {
    const needs = nodes.map(({ name }) => name)
    nodes.push({ name: 'never', needs, work: { kind: 'never' } })
  }
  const isPaused = uniform(random) < 0.1
  return { nodes, concurrency: 1 + below(4), ...(isPaused && { pauseAfterMs: below(400) }) }
}

function anyWork(random: Random): Work {
  const below = (bound: number): number => integerBelow(random, bound)
  const kind = uniform(random)
  if (kind < 0.1) return { kind: 'wait', ms: 10 + below(300) }
  if (kind < 0.2) return { kind: 'letter', value: below(100), afterMs: below(2) * below(500) }
  if (kind < 0.27) return { kind: 'child', gives: below(100), price: 1 + below(9) }
  const shape = uniform(random)
  const isExcused = shape > 0.9
  return {
    kind: 'act',
    ms: 1 + below(30),
    gives: below(100),
    price: below(3) * (1 + below(50)),
    failsFirst: below(4) === 0 ? 1 + below(2) : 0,
    ...(shape < 0.2 && { items: 1 + below(5) }),
    ...(shape >= 0.2 && shape < 0.3 && { passes: 2 + below(2) }),
    ...(!isExcused &&
      below(2) === 0 && { undo: { price: below(20), failsFirst: below(5) === 0 ? 1 : 0 } }),
    isQueued: below(5) === 0,
    fate: isExcused ? 'excused' : 'good',
  }
}

function doom(nodes: Node[], at: number): void {
  const node = nodes[at]
  if (node === undefined) return
  const act = { kind: 'act', ms: 5, gives: 0, price: 3, failsFirst: 0, isQueued: false } as const
  nodes[at] = { ...node, work: { ...act, fate: 'doomed' } }
}

/** Tokens of a model whose price is 10,000 µFTNS for a million. */
const TOKENS_PER_MICRO = 100
/** Tries that `effectKind` takes for never. */
const ALWAYS = 99

/** The workflow as it is submitted. */
export function definitionOf(graph: Graph): JsonObject {
  const { nodes, concurrency } = graph
  const steps = Object.fromEntries(nodes.map((node) => [node.name, stepOf(graph, node)]))
  const values = nodes.map(({ name, work }) => [
    name,
    work.kind === 'never' ? 0 : valueOf(graph, name),
  ])
  return {
    apiVersion: 'prsm/v1',
    name: 'faults',
    concurrency,
    failFast: false,
    steps,
    output: Object.fromEntries(values.map(([name, value]) => [name, `{% ${value} %}`])),
  }
}

/** The expression that stands for what a step has given. */
function valueOf({ nodes }: Graph, name: string): string {
  const work = nodes.find((node) => node.name === name)?.work
  if (work?.kind === 'wait' || work?.kind === 'never' || work === undefined) return '0'
  const isList = work.kind === 'act' && work.items !== undefined
  return isList ? `$sum($steps.${name}.output)` : `$steps.${name}.output`
}

function stepOf(graph: Graph, { name, needs, work }: Node): JsonObject {
  const after = needs.length === 0 ? {} : { needs: [...needs] }
  switch (work.kind) {
    case 'act':
      return { ...actOf(graph, needs, work), ...after }
    case 'wait':
      return { uses: 'wait', with: { for: `${work.ms}ms` }, ...after }
    case 'letter':
    case 'never':
      return { uses: 'wait', with: { signal: name }, ...after }
    case 'child':
      return { uses: 'workflow', with: { definition: childOf(work) }, ...after }
    default:
      throw new TypeError('unknown work')
  }
}

function childOf({ gives, price }: Extract<Work, { kind: 'child' }>): JsonObject {
  const parameters = { ms: 4, gives, tokens: price * TOKENS_PER_MICRO }
  return {
    apiVersion: 'prsm/v1',
    name: 'faults-child',
    steps: { c: { uses: 'effect', with: parameters } },
    output: '{% $steps.c.output %}',
  }
}

const again = (max: number): JsonObject => ({
  retry: { max, initial: '20ms', on: ['internal'] },
})

function actOf(graph: Graph, needs: readonly string[], act: Act): JsonObject {
  const { ms, gives, price, failsFirst, items, passes, undo, isQueued, fate } = act
  const sum = [items === undefined ? '0' : '$item', ...needs.map((name) => valueOf(graph, name))]
  const fails = fate === 'good' ? failsFirst : ALWAYS
  const parameters: Record<string, Json> = {
    ms,
    gives: `{% ${gives} + ${sum.join(' + ')} %}`,
    tokens: price * TOKENS_PER_MICRO,
    ...(fails > 0 && { fails }),
  }
  return {
    uses: 'effect',
    with: parameters,
    ...(failsFirst > 0 && fate === 'good' && again(failsFirst)),
    ...(items !== undefined && {
      forEach: { items: Array.from({ length: items }, (_, n) => n), maxConcurrency: 3 },
    }),
    ...(passes !== undefined && {
      repeat: { until: `{% $pass = ${passes} %}`, max: passes, delay: '10ms' },
    }),
    ...(undo !== undefined && {
      compensate: {
        uses: 'effect',
        with: {
          ms: 3,
          tokens: undo.price * TOKENS_PER_MICRO,
          ...(undo.failsFirst > 0 && { fails: undo.failsFirst }),
        },
        ...(undo.failsFirst > 0 && again(undo.failsFirst)),
      },
    }),
    ...(isQueued && { resources: { cpu_cores: 0.1 } }),
    ...(fate === 'excused' && { onError: { output: gives } }),
  }
}
