import type { BottleneckReport } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { tameLine } from '../text/width.ts'

/** Steps that are shown. */
const MOST_STEPS = 12

/** `prsm show RUN --bottlenecks` */
export async function showBottlenecks(context: Context, given: string): Promise<ExitCode> {
  const report = await withSession(context, 'none', async ({ client }) =>
    client.bottlenecks(await findRun(client, given)),
  )
  if (context.isJson) context.printJson(toJson(report))
  else if (report.path.length === 0) context.note('nothing has begun yet')
  else context.print(...linesOf(context, report))
  return EXIT.done
}

function linesOf(context: Context, report: BottleneckReport): readonly string[] {
  const { paint } = context
  const { totalMs, hostMs, workflow, recommendations } = report
  return [
    `${paint.bold(workflow)} took ${formatDuration(totalMs)}: ${kindsText(report.byKind)}${hostMs > 0 ? `, ${formatDuration(hostMs)} between steps` : ''}`,
    '',
    ...stepTable(context, report),
    '',
    ...(recommendations.length === 0
      ? ['nothing that was tried would have made it shorter']
      : [paint.dim('what would have made it shorter, replayed through its graph')]),
    ...recommendations.map(
      ({ text, gainMs, beforeMs }) =>
        `${formatDuration(gainMs).padStart(8)} less (${percent(gainMs / beforeMs)})  ${tameLine(text)}`,
    ),
  ]
}

function stepTable(
  { terminal, paint, glyphs }: Context,
  { steps }: BottleneckReport,
): readonly string[] {
  return renderTable({
    columns: [
      { title: 'HELD UP BY', least: 12 },
      { title: 'KIND', least: 8, spare: 2 },
      { title: 'TIME', align: 'right' },
      { title: 'SHARE', align: 'right' },
      { title: 'OF WHICH', least: 16 },
      { title: 'SLOWER THAN', align: 'right', spare: 1 },
    ],
    rows: steps
      .slice(0, MOST_STEPS)
      .map(({ step, uses, ms, share, byKind, slowerThan }) => [
        { text: tameLine(step) },
        { text: uses, paint: paint.dim },
        { text: formatDuration(ms) },
        { text: percent(share) },
        { text: kindsText(byKind) },
        { text: slowerThan === undefined ? '' : `${percent(slowerThan)} before` },
      ]),
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** What each kind of stretch is called. */
const NAMES: Readonly<Record<string, string>> = {
  work: 'work',
  queue: 'waiting for a slot',
  resource: 'waiting for a worker',
  approval: 'waiting for an answer',
  dependency: 'waiting for a time, signal or run',
  retry: 'failed tries',
  pause: 'standing still',
}

function kindsText(byKind: BottleneckReport['byKind']): string {
  return Object.entries(byKind)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, ms]) => `${formatDuration(ms)} ${NAMES[kind] ?? kind}`)
    .join(', ')
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
