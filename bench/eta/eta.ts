import { join } from 'node:path'

import { createSeededRandom } from '../../src/kernel/random.ts'
import { middle } from '../../src/progress/estimate/evidence.ts'
import { forecast } from '../../src/progress/estimate/forecast.ts'
import type { DurationHistory } from '../../src/progress/estimate/history.ts'
import type { PlannedUnit, UnitProgress } from '../../src/progress/estimate/outlook.ts'
import { type Bench, type BenchContext, type Figure, round } from '../lib/report.ts'
import { loadGraphs } from '../makespan/load-graphs.ts'

import { type Trace, type TracedTask, traceOf } from './trace.ts'

/** How well the time that is left of real workflows is told while they run. */
export const etaBench: Bench = {
  name: 'eta',
  about: 'real workflows replayed: what is told to be left, beside what was left',
  async run({ dataDir, say }: BenchContext) {
    const graphs = loadGraphs(join(dataDir, 'wfinstances'))
    if (graphs.length === 0) {
      say(
        `no workflow instances in ${join(dataDir, 'wfinstances')}: nothing is measured (--data DIR)`,
      )
      return []
    }
    const scores = [4, 8].flatMap((slots) => {
      const traces = graphs.map((graph) => traceOf(graph, slots))
      return traces.flatMap((trace) => score(trace, historyOf(traces, trace)))
    })
    say(`${graphs.length} instances, ${scores.length} checkpoints`)
    return figures(scores)
  },
}

/** Shares of the makespan at which it is asked what is left. */
const CHECKPOINTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
const LEVELS = [0.1, 0.5, 0.9]

interface Score {
  readonly pinball: number
  readonly extrapolation: number
  readonly mean: number
  readonly isCovered: boolean
}

function score(trace: Trace, history: DurationHistory): readonly Score[] {
  const { workflow, slots, tasks, makespanMs } = trace
  return CHECKPOINTS.map((share, place) => {
    const now = share * makespanMs
    const left = makespanMs - now
    const units = tasks.map((task): PlannedUnit => ({ ...task, ...PROGRAM, phase: at(task, now) }))
    const random = createSeededRandom(place)
    const told = forecast({ workflow, slots, units }, history, { random, elapsedMs: now })
    if (told === undefined) throw new Error(`${workflow}: nothing is told at ${share}`)
    const { lowMs, medianMs, highMs } = told
    const loss = (values: readonly number[]): number => pinball(left, values) / makespanMs
    return {
      pinball: loss([lowMs, medianMs, highMs]),
      extrapolation: loss(same(extrapolated(units, now))),
      mean: loss(same(byMean(units, { slots, now }))),
      isCovered: lowMs <= left && left <= highMs,
    }
  })
}

/** What gives no interval stands for every quantile. */
const same = (value: number): readonly number[] => LEVELS.map(() => value)

/** All tasks are programs, and take a slot. */
const PROGRAM = { uses: 'code', takesSlot: true } as const

function at({ startMs, endMs, ms }: TracedTask, now: number): UnitProgress {
  if (endMs <= now) return { kind: 'done', ms }
  return startMs <= now ? { kind: 'running', forMs: now - startMs } : { kind: 'ahead' }
}

/** The mean pinball loss of quantiles at the levels. */
function pinball(actual: number, quantiles: readonly number[]): number {
  const losses = LEVELS.map((level, place) => {
    const over = actual - (quantiles[place] ?? 0)
    return Math.max(level * over, (level - 1) * over)
  })
  return average(losses)
}

/** The time so far, scaled to the tasks that are left. */
function extrapolated(units: readonly PlannedUnit[], now: number): number {
  const done = units.filter(({ phase }) => phase.kind === 'done').length
  return done === 0 ? now : (now * (units.length - done)) / done
}

/** The mean duration so far for each task that is left, on all slots. */
function byMean(
  units: readonly PlannedUnit[],
  { slots, now }: { readonly slots: number; readonly now: number },
): number {
  const done = units.flatMap(({ phase }) => (phase.kind === 'done' ? [phase.ms] : []))
  return ((done.length === 0 ? now : average(done)) * (units.length - done.length)) / slots
}

/** What the other instances tell; the one that is asked about tells nothing beforehand. */
function historyOf(traces: readonly Trace[], asked: Trace): DurationHistory {
  const others = traces.filter((trace) => trace !== asked)
  const typical = others.flatMap(({ tasks }) => {
    const steps = new Map<string, number[]>()
    for (const { step, ms } of tasks) steps.set(step, [...(steps.get(step) ?? []), ms])
    return [...steps.values()].flatMap((durations) => middle(durations) ?? [])
  })
  return {
    ofStep: (workflow, step) =>
      others
        .filter((trace) => trace.workflow === workflow)
        .map(({ tasks }) => tasks.filter((task) => task.step === step).map(({ ms }) => ms))
        .filter((durations) => durations.length > 0),
    ofKind: () => typical,
    itemsOf: () => [],
  }
}

function figures(scores: readonly Score[]): readonly Figure[] {
  const n = scores.length
  return [
    {
      metric: 'pinball',
      value: round(average(scores.map((each) => each.pinball))),
      unit: 'of the makespan',
      better: 'lower',
      n,
      baselines: {
        extrapolation: round(average(scores.map((each) => each.extrapolation))),
        mean: round(average(scores.map((each) => each.mean))),
      },
    },
    {
      metric: 'coverage_80',
      value: round(average(scores.map((each) => Number(each.isCovered)))),
      unit: 'share',
      better: 'higher',
      n,
    },
  ]
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
