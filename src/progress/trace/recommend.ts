import { formatDuration } from '../../kernel/duration.ts'
import type { StretchKind } from '../schema.ts'

import type { CriticalPath } from './critical-path.ts'
import type { RunTrace, UnitTrace } from './trace.ts'
import { type Change, createReplay, partsOf, type Replay } from './what-if.ts'

/** A change that would have made a run shorter. */
export interface Recommendation {
  readonly kind:
    | 'concurrency'
    | 'items'
    | 'faster-step'
    | 'fewer-retries'
    | 'sooner-answer'
    | 'more-workers'
  /** The step that is changed; absent when it is the whole run. */
  readonly step: string | undefined
  readonly text: string
  /** Milliseconds by which the replayed run is shorter. */
  readonly gainMs: number
  /** Length of the replayed run before and after, ms. */
  readonly beforeMs: number
  readonly afterMs: number
}

/** Steps of the critical path that are tried. */
const MOST_STEPS = 8
/** Gains below this share of the run are not worth a line. */
const LEAST_SHARE = 0.01

type Idea = Pick<Recommendation, 'kind' | 'step' | 'text'> & { readonly change: Change }

/**
 * Changes that would have made a run shorter, each replayed through its graph with the durations
 * that were measured; the largest gain first.
 */
export function recommend(trace: RunTrace, path: CriticalPath): readonly Recommendation[] {
  const replay = createReplay(trace)
  const beforeMs = replay.withChange({})
  if (beforeMs <= 0) return []
  const found = ideas(trace, path, replay).map(({ change, ...idea }): Recommendation => {
    const afterMs = replay.withChange(change)
    return { ...idea, beforeMs, afterMs, gainMs: beforeMs - afterMs }
  })
  return found
    .filter(({ gainMs }) => gainMs >= Math.max(1, LEAST_SHARE * beforeMs))
    .toSorted((a, b) => b.gainMs - a.gainMs)
}

function ideas(trace: RunTrace, { links }: CriticalPath, replay: Replay): readonly Idea[] {
  const found: Idea[] = []
  const { concurrency } = trace.graph
  const slots = replay.slots * 2
  const where =
    replay.slots < concurrency ? 'the worker had no more slots free' : `concurrency: ${slots}`
  found.push({
    kind: 'concurrency',
    step: undefined,
    text: `run ${slots} units at once instead of ${replay.slots} (${where})`,
    change: { slots },
  })
  const times = new Map<string, number>()
  for (const { unit, from, to } of links) {
    if (!unit.isUndo) times.set(unit.step, (times.get(unit.step) ?? 0) + to - from)
  }
  const longest = [...times].toSorted(([, a], [, b]) => b - a).slice(0, MOST_STEPS)
  for (const [step] of longest) found.push(...ideasOf(trace, step))
  return found
}

function ideasOf({ graph, units }: RunTrace, step: string): readonly Idea[] {
  const own = units.filter((unit) => unit.step === step && !unit.isUndo)
  const has = (kind: StretchKind): boolean =>
    own.some(({ stretches }) => stretches.some((stretch) => stretch.kind === kind))
  const without =
    (kind: StretchKind): NonNullable<Change['parts']> =>
    (unit) =>
      unit.step === step
        ? partsOf({ ...unit, stretches: unit.stretches.filter((each) => each.kind !== kind) })
        : undefined
  const found: Idea[] = []
  if (has('work')) {
    const text = `halve the time that step ${step} works${timesText(own)}`
    found.push({ kind: 'faster-step', step, text, change: { parts: halved(step) } })
  }
  if (has('retry')) {
    const text = `let step ${step} succeed at the first try`
    found.push({ kind: 'fewer-retries', step, text, change: { parts: without('retry') } })
  }
  if (has('approval')) {
    const text = `answer step ${step} at once`
    found.push({ kind: 'sooner-answer', step, text, change: { parts: without('approval') } })
  }
  if (has('resource')) {
    const text = `have a worker free whenever step ${step} is queued`
    found.push({ kind: 'more-workers', step, text, change: { parts: without('resource') } })
  }
  const limit = graph.plans[graph.places.get(step) ?? -1]?.maxItems
  if (limit !== undefined) {
    const text = `let step ${step} run ${limit * 2} items at once instead of ${limit}`
    found.push({ kind: 'items', step, text, change: { items: { step, limit: limit * 2 } } })
  }
  return found
}

const halved =
  (step: string): NonNullable<Change['parts']> =>
  (unit) =>
    unit.step === step
      ? partsOf(unit).map((part) => (part.takesSlot ? { ...part, ms: part.ms / 2 } : part))
      : undefined

function timesText(units: readonly UnitTrace[]): string {
  const longest = Math.max(
    ...units.map((unit) =>
      partsOf(unit).reduce((sum, { ms, takesSlot }) => sum + (takesSlot ? ms : 0), 0),
    ),
  )
  return units.length === 1
    ? ` (${formatDuration(longest)})`
    : ` (up to ${formatDuration(longest)} for each of ${units.length} items)`
}
