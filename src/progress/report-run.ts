import type { RunLook } from './look-at-run.ts'
import type { BottleneckReport, RunProgress, StretchKind, Timeline } from './schema.ts'
import { stepState, workflowState } from './states.ts'
import type { Bottlenecks } from './trace/bottlenecks.ts'
import { criticalPath } from './trace/critical-path.ts'
import { type RunTrace, type Stretch, unitName } from './trace/trace.ts'

/** How far a run is, as it crosses the wire. */
export function progressOf({ view, forecast, slow }: RunLook): RunProgress {
  return {
    run: view.id,
    workflow: view.name,
    state: workflowState(view),
    status: view.status,
    percent: view.percent,
    elapsedMs: view.elapsedMs,
    ...(forecast !== undefined && {
      eta: { ...forecast, finishAt: Math.round(view.at + forecast.medianMs) },
    }),
    slow: slow.map(({ index, ...unit }) => ({ ...unit, ...(index !== undefined && { index }) })),
    steps: view.steps.map((step) => ({
      name: step.name,
      uses: step.uses,
      state: stepState(view, step),
      status: step.status,
      ...(step.ms !== undefined && { ms: Math.max(0, step.ms) }),
    })),
  }
}

/** What each unit did, as it crosses the wire. */
export function timelineOf(trace: RunTrace): Timeline {
  const critical = new Set(criticalPath(trace).links.map(({ unit }) => unit))
  return {
    run: trace.run,
    workflow: trace.workflow,
    ...(trace.startedAt !== undefined && { startedAt: trace.startedAt }),
    endedAt: trace.endedAt,
    hasEnded: trace.hasEnded,
    units: trace.units.map((unit) => ({
      name: unitName(unit),
      step: unit.step,
      ...(unit.index !== undefined && { index: unit.index }),
      uses: unit.uses,
      outcome: unit.outcome,
      isCritical: critical.has(unit),
      attempts: unit.attempts,
      cost: unit.cost,
      readyAt: unit.readyAt,
      endedAt: unit.endedAt,
      stretches: [...unit.stretches],
    })),
  }
}

/** Why a run took as long as it did, as it crosses the wire. */
export function bottlenecksOf(trace: RunTrace, found: Bottlenecks): BottleneckReport {
  const { totalMs, hostMs, byKind, path, steps, recommendations } = found
  return {
    run: trace.run,
    workflow: trace.workflow,
    totalMs,
    hostMs,
    byKind,
    path: path.links.map(({ unit, from, to, stretches }) => ({
      name: unitName(unit),
      from,
      to,
      byKind: sums(stretches),
    })),
    steps: steps.map(({ waits, slowerThan, ...step }) => ({
      ...step,
      byKind: waits,
      ...(slowerThan !== undefined && { slowerThan }),
    })),
    recommendations: recommendations.map(({ step, ...rest }) => ({
      ...rest,
      ...(step !== undefined && { step }),
    })),
  }
}

function sums(stretches: readonly Stretch[]): Partial<Record<StretchKind, number>> {
  const found: Partial<Record<StretchKind, number>> = {}
  for (const { kind, from, to } of stretches) found[kind] = (found[kind] ?? 0) + to - from
  return found
}
