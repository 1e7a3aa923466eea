import type { EpochMs } from '../kernel/clock.ts'

import { hasEnded } from './change.ts'
import type { ProgressStatus, RunView, StepView } from './view.ts'

/** Least units that have ended, share of the work and time before a rate means anything. */
const LEAST = { units: 3, share: 0.05, elapsedMs: 1_000 } as const

/** The view with its times as of `view.at`; those of its steps are left as they are. */
export function timed(view: RunView): RunView {
  const elapsedMs = elapsedAt(view, view.at)
  const status = statusOf(view)
  const speedUp = elapsedMs > 0 && view.sequentialMs > 0 ? view.sequentialMs / elapsedMs : undefined
  return { ...view, status, elapsedMs, speedUp, etaMs: etaOf(view, status, elapsedMs) }
}

/** The view as of a later time, its events being the same: what runs has run longer. */
export function viewAt(view: RunView, now: EpochMs): RunView {
  if (view.endedAt !== undefined || view.version === 0 || now <= view.at) return view
  const sinceMs = now - view.at
  const etaMs = view.etaMs === undefined ? undefined : view.etaMs - sinceMs
  const isPaused = view.tally.pausedAt !== undefined
  return {
    ...view,
    at: now,
    elapsedMs: elapsedAt(view, now),
    // An estimate that has run out was wrong, and is not told on.
    etaMs: etaMs === undefined || etaMs < 0 ? undefined : etaMs,
    steps: isPaused ? view.steps : view.steps.map((step) => stepAt(step, now)),
  }
}

function stepAt(step: StepView, now: EpochMs): StepView {
  if (step.startedAt === undefined || hasEnded(step)) return step
  return { ...step, ms: Math.max(0, now - step.startedAt) }
}

function elapsedAt({ startedAt, endedAt, tally }: RunView, now: EpochMs): number {
  if (startedAt === undefined) return 0
  const until = tally.pausedAt ?? endedAt ?? now
  return Math.max(0, until - startedAt - tally.pausedMs)
}

/** A run waits when everything in progress does, and nothing else can begin. */
function statusOf({ status, tally }: RunView): ProgressStatus {
  if (status !== 'running' && status !== 'waiting') return status
  const isWaiting = tally.waiting > 0 && tally.running + tally.due + tally.readySteps === 0
  return isWaiting ? 'waiting' : 'running'
}

/**
 * What is left at the rate so far, milliseconds.
 *
 * @remarks Nothing is told while the rate means little, or while a step is ahead whose amount of
 * work nothing tells: a list of unknown length, a loop, somebody's answer.
 */
function etaOf(
  { tally, graph }: RunView,
  status: ProgressStatus,
  elapsedMs: number,
): number | undefined {
  if (status !== 'running' || tally.vagueSteps > 0 || graph.weight <= 0) return undefined
  const share = tally.doneWeight / graph.weight
  const isKnown =
    tally.doneUnits >= LEAST.units && share >= LEAST.share && elapsedMs >= LEAST.elapsedMs
  return isKnown && share < 1 ? Math.round((elapsedMs * (1 - share)) / share) : undefined
}
