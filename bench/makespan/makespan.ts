import { join } from 'node:path'

import { type Bench, type BenchContext, type Figure, geometricMean, round } from '../lib/report.ts'

import { loadGraphs } from './load-graphs.ts'
import {
  batches,
  levels,
  listSchedule,
  lowerBound,
  sequential,
  type TaskGraph,
} from './policies.ts'
import { replay } from './replay.ts'

/** How long real workflows take under each way of ordering their steps, beside the least possible. */
export const makespanBench: Bench = {
  name: 'makespan',
  about: 'real workflow graphs replayed through the state machine: makespan over the lower bound',
  async run({ dataDir, say }: BenchContext) {
    const graphs = loadGraphs(join(dataDir, 'wfinstances'))
    if (graphs.length === 0) {
      say(
        `no workflow instances in ${join(dataDir, 'wfinstances')}: nothing is measured (--data DIR)`,
      )
      return []
    }
    say(`${graphs.length} graphs, ${graphs.reduce((sum, { tasks }) => sum + tasks.size, 0)} tasks`)
    return [...measure(graphs, 4), ...measure(graphs, 8)]
  },
}

const mean = (list: readonly number[]): number => round(geometricMean(list))

function measure(graphs: readonly TaskGraph[], k: number): readonly Figure[] {
  const bounds = graphs.map((graph) => lowerBound(graph, k))
  const ratios = (makespans: readonly number[]): readonly number[] =>
    makespans.map((makespan, index) => makespan / (bounds[index] ?? Number.NaN))
  const online = ratios(graphs.map((graph) => replay(graph, { k, isKnown: false })))
  const known = ratios(graphs.map((graph) => replay(graph, { k, isKnown: true })))
  const level = ratios(graphs.map((graph) => levels(graph, k)))
  const below = [...online, ...known].filter((ratio) => ratio < 0.999)
  if (below.length > 0) throw new Error(`a schedule beats the lower bound: ${below.join(', ')}`)
  const baselines = {
    level: mean(level),
    batches: mean(ratios(graphs.map((graph) => batches(graph, k)))),
    'first-come': mean(ratios(graphs.map((graph) => listSchedule(graph, k, () => 0)))),
    sequential: mean(ratios(graphs.map((graph) => sequential(graph)))),
  }
  const common = { unit: '× bound', better: 'lower', n: graphs.length } as const
  const notWorse = online.filter((ratio, index) => ratio <= (level[index] ?? 0) * 1.000_001).length
  return [
    {
      metric: `ratio.online.k${k}`,
      value: mean(online),
      ...common,
      interval: range(online),
      baselines,
    },
    { metric: `ratio.known.k${k}`, value: mean(known), ...common, interval: range(known) },
    { metric: `ratio.level.k${k}`, value: mean(level), ...common, interval: range(level) },
    {
      metric: k === 8 ? 'share_not_worse_than_level' : `share_not_worse_than_level.k${k}`,
      value: round(notWorse / graphs.length),
      unit: 'share',
      better: 'higher',
      n: graphs.length,
    },
  ]
}

function range(list: readonly number[]): readonly [number, number] {
  return [round(Math.min(...list)), round(Math.max(...list))]
}
