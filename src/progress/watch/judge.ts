import type { EpochMs } from '../../kernel/clock.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { nextLocalTime } from '../../kernel/local-time.ts'
import { formatFtns, toMicroFtns } from '../../kernel/money.ts'
import type { Forecast } from '../estimate/forecast.ts'
import type { SlowUnit } from '../estimate/outlook-of.ts'
import type { RunSummary } from '../metrics/summary.ts'
import type { Alert, Objective, Severity, Sla } from '../schema.ts'

/** Something somebody should know, before it is kept. */
export interface Finding {
  /** Whatever is found again under the same key is not told again. */
  readonly key: string
  readonly kind: Alert['kind']
  readonly severity: Severity
  readonly workflow: string
  readonly run: string | undefined
  readonly message: string
}

/** By when a run has to be done, by the objective that is due first; `undefined` without one. */
export interface Deadline {
  readonly objective: Objective
  readonly at: EpochMs
}

/** What a run's promises depend on. */
export interface RunTimes {
  readonly createdAt: EpochMs
  readonly startedAt: EpochMs | undefined
}

/** All times by which a run has to be done. */
export function deadlinesOf(
  { finishBy, durationMs }: Sla,
  { createdAt, startedAt }: RunTimes,
): readonly Deadline[] {
  const found: Deadline[] = []
  if (finishBy !== undefined) {
    const [hours = 0, minutes = 0] = finishBy.time.split(':').map(Number)
    const at = nextLocalTime(createdAt, hours * 60 + minutes, finishBy.zone)
    found.push({ objective: 'finish_by', at })
  }
  if (durationMs !== undefined) {
    found.push({ objective: 'duration', at: (startedAt ?? createdAt) + durationMs })
  }
  return found
}

/** A run that has not ended. */
export interface OpenRun extends RunTimes {
  readonly run: string
  readonly now: EpochMs
  readonly percent: number
  /** So far, µFTNS. */
  readonly cost: bigint
  readonly forecast: Forecast | undefined
  readonly slow: readonly SlowUnit[]
}

/** What should be told of a run while it goes on: before a promise is broken, and when it is. */
export function judgeOpen(sla: Sla, run: OpenRun): readonly Finding[] {
  const slow = run.slow.map((unit) => slowFinding(sla, run, unit))
  const times = deadlinesOf(sla, run).flatMap((deadline) => timeFinding(sla, run, deadline) ?? [])
  return [...slow, ...times, ...costFinding(sla, run)]
}

function slowFinding({ workflow }: Sla, { run }: OpenRun, unit: SlowUnit): Finding {
  const { step, index, forMs, usualMs, known } = unit
  const name = index === undefined ? step : `${step}[${index}]`
  return {
    key: `slow ${run} ${name}`,
    kind: 'step.slow',
    severity: 'info',
    workflow,
    run,
    message: `step ${name} has taken ${formatDuration(forMs)}; 95 of 100 (of ${known}) took ${formatDuration(usualMs)} at most`,
  }
}

function timeFinding(
  { workflow }: Sla,
  { run, now, forecast }: OpenRun,
  { objective, at }: Deadline,
): Finding | undefined {
  const common = { workflow, run }
  if (now > at) {
    const message = `it should have been done ${formatDuration(now - at)} ago (${objective})`
    return { ...common, ...BREACH, key: breachKey(run, objective), message }
  }
  if (forecast === undefined || now + forecast.highMs <= at) return undefined
  const { lowMs, highMs } = forecast
  const left = `it has ${formatDuration(at - now)} left (${objective}) and is expected to take ${formatDuration(lowMs)} to ${formatDuration(highMs)} more`
  return { ...common, ...RISK, key: riskKey(run, objective), message: left }
}

const BREACH = { kind: 'sla.breached', severity: 'error' } as const
const RISK = { kind: 'sla.at-risk', severity: 'warning' } as const
const breachKey = (run: string, objective: Objective): string => `breach ${run} ${objective}`
const riskKey = (run: string, objective: Objective): string => `risk ${run} ${objective}`

/** Percent from which the cost so far tells what it will be in all. */
const TELLING_PERCENT = 10

function costFinding({ workflow, cost: most }: Sla, open: OpenRun): readonly Finding[] {
  const { run, cost, percent } = open
  if (most === undefined) return []
  const common = { workflow, run }
  if (cost > most) {
    const message = `it has cost ${formatFtns(toMicroFtns(cost))}, more than ${formatFtns(most)}`
    return [{ ...common, ...BREACH, key: breachKey(run, 'cost'), message }]
  }
  if (percent < TELLING_PERCENT) return []
  const expected = toMicroFtns((cost * 1_000n) / BigInt(Math.round(percent * 10)))
  if (expected <= most) return []
  const message = `at ${percent} % it has cost ${formatFtns(toMicroFtns(cost))}, so ${formatFtns(expected)} are expected, more than ${formatFtns(most)}`
  return [{ ...common, ...RISK, key: riskKey(run, 'cost'), message }]
}

/** The promises that a finished run kept or did not keep. */
export function judgeEnded(
  sla: Sla,
  run: RunSummary,
): readonly { readonly objective: Objective; readonly isMet: boolean; readonly message: string }[] {
  const times = deadlinesOf(sla, run).map(({ objective, at }) => ({
    objective,
    isMet: run.outcome === 'completed' && run.endedAt <= at,
    message:
      run.endedAt <= at
        ? `it was ${run.outcome} instead of done (${objective})`
        : `it ended ${formatDuration(run.endedAt - at)} too late (${objective})`,
  }))
  const { cost: most } = sla
  if (most === undefined) return times
  const paid = formatFtns(toMicroFtns(run.cost))
  const message = `it cost ${paid}, more than ${formatFtns(most)}`
  return [...times, { objective: 'cost' as const, isMet: run.cost <= most, message }]
}

/** What should be told of a run that has just ended; cancelled ones broke nothing. */
export function findEnded(sla: Sla, run: RunSummary): readonly Finding[] {
  if (run.outcome === 'cancelled') return []
  return judgeEnded(sla, run)
    .filter(({ isMet }) => !isMet)
    .map(({ objective, message }) => ({
      ...BREACH,
      key: breachKey(run.run, objective),
      workflow: sla.workflow,
      run: run.run,
      message,
    }))
}

/** How many runs there must be before a share is judged. */
const LEAST_RUNS = 5
const DAY_MS = 86_400_000
/** The days over which a share of success is watched. */
export const SHARE_DAYS = 7

/** A share as people read it: `97.5 %`. */
export function percentText(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}

/** What should be told of the share of runs that completed; at most once a day. */
export function judgeShare(
  { workflow, successShare: least }: Sla,
  counts: { readonly completed: number; readonly failed: number },
  now: EpochMs,
): Finding | undefined {
  const all = counts.completed + counts.failed
  if (least === undefined || all < LEAST_RUNS || counts.completed / all >= least) return undefined
  return {
    key: `share ${workflow} ${Math.floor(now / DAY_MS)}`,
    kind: 'sla.share-broken',
    severity: 'critical',
    workflow,
    run: undefined,
    message: `of ${all} runs in ${SHARE_DAYS} days ${percentText(counts.completed / all)} completed, less than ${percentText(least)}`,
  }
}
