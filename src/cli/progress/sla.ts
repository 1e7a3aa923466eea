import type { NewSla, Sla, SlaReport } from '../../client/index.ts'
import { formatDuration, parseDurationMs } from '../../kernel/duration.ts'
import { formatFtns, parseFtns } from '../../kernel/money.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'

import { sinceOf } from './since.ts'

/** Options of `prsm sla set`. */
export interface SetSlaFlags {
  readonly finishBy?: string
  readonly zone?: string
  readonly duration?: string
  readonly success?: string
  readonly cost?: string
}

/** `prsm sla set WORKFLOW` */
export async function setSla(
  context: Context,
  workflow: string,
  flags: SetSlaFlags,
): Promise<ExitCode> {
  const request = toRequest(workflow, flags)
  const sla = await withSession(context, 'none', ({ client }) => client.setSla(request))
  if (context.isJson) context.printJson(toJson(sla))
  else context.print(...tableOf(context, [sla]))
  return EXIT.done
}

function toRequest(workflow: string, flags: SetSlaFlags): NewSla {
  const { finishBy, zone = HERE, duration, success, cost } = flags
  if ([finishBy, duration, success, cost].every((flag) => flag === undefined)) {
    throw new UsageError('a promise needs something that is promised', {
      hint: 'say at least one of --finish-by, --duration, --success and --cost',
    })
  }
  return {
    workflow,
    ...(finishBy !== undefined && { finishBy: { time: finishBy, zone } }),
    ...(duration !== undefined && { durationMs: parseDurationMs(duration) }),
    ...(success !== undefined && { successShare: parseShare(success) }),
    ...(cost !== undefined && { cost: parseFtns(cost) }),
  }
}

/** The time zone of this machine. */
const HERE = new Intl.DateTimeFormat().resolvedOptions().timeZone

function parseShare(text: string): number {
  const [, digits, sign] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const share = Number(digits) / (sign === '%' ? 100 : 1)
  if (digits !== undefined && share <= 1) return share
  throw new UsageError(`--success takes a share such as 99% or 0.99, not "${text}"`)
}

/** `prsm sla ls` */
export async function listSlas(context: Context): Promise<ExitCode> {
  const slas = await withSession(context, 'none', ({ client }) => client.listSlas())
  show(context, slas)
  return EXIT.done
}

/** `prsm sla rm WORKFLOW` */
export async function removeSla(context: Context, workflow: string): Promise<ExitCode> {
  const left = await withSession(context, 'none', ({ client }) => client.removeSla(workflow))
  if (context.isJson) context.printJson(left.map((sla) => toJson(sla)))
  else context.note(`nothing is promised of ${workflow} any more`)
  return EXIT.done
}

function show(context: Context, slas: readonly Sla[]): void {
  if (context.isJson) context.printJson(slas.map((sla) => toJson(sla)))
  else if (slas.length === 0) context.note('nothing is promised: prsm sla set says what is')
  else context.print(...tableOf(context, slas))
}

function tableOf({ terminal, paint, glyphs }: Context, slas: readonly Sla[]): readonly string[] {
  return renderTable({
    columns: [
      { title: 'WORKFLOW', least: 12 },
      { title: 'DONE BY', least: 12 },
      { title: 'WITHIN' },
      { title: 'COMPLETE' },
      { title: 'COST' },
    ],
    rows: slas.map(({ workflow, finishBy, durationMs, successShare, cost }) => [
      { text: workflow },
      { text: finishBy === undefined ? '' : `${finishBy.time} ${finishBy.zone}` },
      { text: durationMs === undefined ? '' : formatDuration(durationMs) },
      { text: successShare === undefined ? '' : percent(successShare) },
      { text: cost === undefined ? '' : formatFtns(cost) },
    ]),
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** `prsm sla report [WORKFLOW]` */
export async function reportSlas(
  context: Context,
  workflow: string | undefined,
  { since }: { readonly since: string },
): Promise<ExitCode> {
  const filter = {
    since: sinceOf(context, since),
    ...(workflow !== undefined && { workflow }),
  }
  const report = await withSession(context, 'none', ({ client }) => client.slaReport(filter))
  if (context.isJson) context.printJson(toJson(report))
  else if (report.workflows.length === 0) {
    context.note('nothing is promised: prsm sla set says what is')
  } else context.print(...reportTable(context, report))
  const isKept = report.workflows.every(({ objectives }) => objectives.every((each) => each.isKept))
  return isKept ? EXIT.done : EXIT.failed
}

function reportTable(
  { terminal, paint, glyphs }: Context,
  { workflows }: SlaReport,
): readonly string[] {
  const rows = workflows.flatMap(({ workflow, objectives }) =>
    objectives.map(({ target, met, missed, compliance, isKept }) => {
      const colour = isKept ? paint.green : paint.red
      return [
        { text: isKept ? glyphs.ok : glyphs.fail, paint: colour },
        { text: workflow },
        { text: target },
        { text: met.toString() },
        { text: missed.toString() },
        { text: compliance === undefined ? '' : percent(compliance), paint: colour },
      ]
    }),
  )
  return renderTable({
    columns: [
      { title: '' },
      { title: 'WORKFLOW', least: 12 },
      { title: 'PROMISE', least: 16 },
      { title: 'KEPT', align: 'right' },
      { title: 'BROKEN', align: 'right' },
      { title: 'SHARE', align: 'right' },
    ],
    rows,
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}
