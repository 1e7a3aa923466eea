import type { Stats } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { formatFtns, toMicroFtns } from '../../kernel/money.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { dayTime } from '../text/time.ts'
import { tameLine } from '../text/width.ts'

import { sinceOf } from './since.ts'

/** Options of `prsm stats`. */
export interface StatsFlags {
  readonly since: string
  readonly by?: 'hour' | 'day'
}

/** `prsm stats [WORKFLOW]` */
export async function showStats(
  context: Context,
  workflow: string | undefined,
  { since, by }: StatsFlags,
): Promise<ExitCode> {
  const filter = {
    since: sinceOf(context, since),
    ...(workflow !== undefined && { workflow }),
    ...(by !== undefined && { by }),
  }
  const stats = await withSession(context, 'none', ({ client }) => client.stats(filter))
  if (context.isJson) context.printJson(toJson(stats))
  else if (stats.runs === 0) context.note(`no run has ended in the last ${since}`)
  else context.print(...linesOf(context, stats))
  return EXIT.done
}

type Metrics = Stats['metrics']

function linesOf(context: Context, stats: Stats): readonly string[] {
  const { paint } = context
  const { runs, metrics, errors, isPartial, workflow = 'all workflows' } = stats
  const changes = stats.trends.flatMap(({ metric, changes: found }) =>
    found.map(({ at, before, after, pValue }) => {
      const show = VALUES[metric]
      return `since ${dayTime(at)} ${NAMES[metric]} is ${show(after)}, before ${show(before)} (p = ${pValue})`
    }),
  )
  return [
    `${paint.bold(workflow)}  ${runs} runs since ${dayTime(stats.since)}${isPartial ? ', only the latest are looked at' : ''}`,
    '',
    ...metricLines(metrics),
    ...errors.map(({ code, count }) => `${' '.repeat(16)}${count} × ${tameLine(code)}`),
    '',
    ...stepTable(context, stats),
    ...(changes.length > 0 ? ['', ...changes.map((line) => paint.yellow(line))] : []),
  ]
}

const NAMES: Readonly<Record<Stats['trends'][number]['metric'], string>> = {
  execution_time: 'the mean duration of a run',
  error_rate: 'the share of runs that fail',
  throughput: 'the number of runs',
  cost: 'the mean cost of a run',
}

const VALUES: Readonly<Record<Stats['trends'][number]['metric'], (value: number) => string>> = {
  execution_time: (value) => formatDuration(value),
  error_rate: (value) => percent(value),
  throughput: (value) => value.toFixed(1),
  cost: (value) => formatFtns(toMicroFtns(BigInt(Math.round(value)))),
}

function metricLines(metrics: Metrics): readonly string[] {
  const { execution_time: time, latency, resource_usage: usage, throughput, cost } = metrics
  const { success_rate: success, error_rate: failed, efficiency } = metrics
  const lines: readonly (readonly [name: string, value: string | undefined])[] = [
    ['execution time', spreadText(time)],
    ['latency', spreadText(latency)],
    ['success rate', success === undefined ? undefined : percent(success)],
    ['error rate', failed === undefined ? undefined : percent(failed)],
    ['throughput', `${throughput.toPrecision(3)} an hour`],
    ['cost', `${formatFtns(cost.total)} in all, ${formatFtns(cost.mean)} a run`],
    ['efficiency', efficiency === undefined ? undefined : `${percent(efficiency)} of all time`],
    ['resources', usageText(usage)],
  ]
  return lines.map(([name, value]) => `${name.padEnd(16)}${value ?? 'not measured'}`)
}

function spreadText(spread: Metrics['latency']): string | undefined {
  if (spread === undefined) return undefined
  const { p50, p95, mean, max } = spread
  return `half within ${formatDuration(p50)}, 95 of 100 within ${formatDuration(p95)}, mean ${formatDuration(mean)}, longest ${formatDuration(max)}`
}

function usageText(usage: Metrics['resource_usage']): string | undefined {
  if (usage === undefined) return undefined
  const { coreMs, inputTokens, outputTokens } = usage
  const core = coreMs === undefined ? 'cores not measured' : `${formatDuration(coreMs)} of one core`
  return `${core}, ${inputTokens} tokens in, ${outputTokens} out`
}

function stepTable(
  { terminal, paint, glyphs }: Context,
  { steps, workflow }: Stats,
): readonly string[] {
  const rows = steps.toSorted(
    (a, b) => (b.metrics.execution_time?.p95 ?? 0) - (a.metrics.execution_time?.p95 ?? 0),
  )
  return renderTable({
    columns: [
      { title: 'STEP', least: 12 },
      { title: 'KIND', least: 8, spare: 3 },
      { title: 'UNITS', align: 'right', spare: 2 },
      { title: 'P50', align: 'right' },
      { title: 'P95', align: 'right' },
      { title: 'WAITED', align: 'right', spare: 1 },
      { title: 'FAILED', align: 'right' },
      { title: 'COST', align: 'right' },
      { title: 'CORES', align: 'right', spare: 4 },
    ],
    rows: rows.map(({ step, workflow: of, uses, units, metrics }) => {
      const { execution_time: time, latency, error_rate: failed = 0, resource_usage } = metrics
      const { coreMs } = resource_usage ?? {}
      return [
        { text: tameLine(workflow === undefined ? `${of} ${step}` : step) },
        { text: uses, paint: paint.dim },
        { text: units.toString() },
        { text: time === undefined ? '' : formatDuration(time.p50) },
        { text: time === undefined ? '' : formatDuration(time.p95) },
        { text: latency === undefined ? '' : formatDuration(latency.mean) },
        { text: failed === 0 ? '' : percent(failed), paint: paint.red },
        { text: metrics.cost.total === 0n ? 'free' : formatFtns(metrics.cost.total) },
        { text: coreMs === undefined ? '' : formatDuration(coreMs) },
      ]
    }),
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}
