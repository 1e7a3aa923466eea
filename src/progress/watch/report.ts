import { formatDuration } from '../../kernel/duration.ts'
import { formatFtns } from '../../kernel/money.ts'
import type { Period } from '../metrics/metrics.ts'
import type { RunSummary } from '../metrics/summary.ts'
import type { Objective, Sla, SlaReport } from '../schema.ts'

import { judgeEnded, percentText } from './judge.ts'

type ObjectiveReport = SlaReport['workflows'][number]['objectives'][number]

/** How well the promises were kept by runs that ended in a period; cancelled runs do not count. */
export function reportSlas(
  slas: readonly Sla[],
  runs: readonly RunSummary[],
  { since, until }: Period,
): SlaReport {
  return {
    since,
    until,
    workflows: slas.map((sla) => {
      const own = runs.filter(
        ({ workflow, outcome }) => workflow === sla.workflow && outcome !== 'cancelled',
      )
      return { workflow: sla.workflow, runs: own.length, objectives: objectivesOf(sla, own) }
    }),
  }
}

function objectivesOf(sla: Sla, runs: readonly RunSummary[]): ObjectiveReport[] {
  const { finishBy, durationMs, successShare, cost } = sla
  const verdicts = runs.flatMap((run) => judgeEnded(sla, run))
  const reportOf = (objective: Objective, target: string): ObjectiveReport => {
    const own = verdicts.filter((each) => each.objective === objective)
    const met = own.filter(({ isMet }) => isMet).length
    return counted({ objective, target, met, missed: own.length - met })
  }
  const found: ObjectiveReport[] = []
  if (finishBy !== undefined) {
    found.push(reportOf('finish_by', `by ${finishBy.time} ${finishBy.zone}`))
  }
  if (durationMs !== undefined) {
    found.push(reportOf('duration', `within ${formatDuration(durationMs)}`))
  }
  if (cost !== undefined) found.push(reportOf('cost', `at most ${formatFtns(cost)}`))
  if (successShare !== undefined) {
    const met = runs.filter(({ outcome }) => outcome === 'completed').length
    const target = `at least ${percentText(successShare)} completed`
    const report = counted({
      objective: 'success_share',
      target,
      met,
      missed: runs.length - met,
    })
    found.push({ ...report, isKept: (report.compliance ?? 1) >= successShare })
  }
  return found
}

function counted(
  given: Pick<ObjectiveReport, 'objective' | 'target' | 'met' | 'missed'>,
): ObjectiveReport {
  const all = given.met + given.missed
  return {
    ...given,
    isKept: given.missed === 0,
    ...(all > 0 && { compliance: given.met / all }),
  }
}
