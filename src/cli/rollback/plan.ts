import type { PlannedUnit, RollbackPlan } from '../../client/index.ts'
import { formatFtns } from '../../kernel/money.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'

import type { RollbackFlags } from './flags.ts'

/** `prsm rollback plan` */
export async function planRollback(
  context: Context,
  given: string,
  { to }: RollbackFlags,
): Promise<ExitCode> {
  return withSession(context, 'none', async ({ client }) => {
    const run = await findRun(client, given)
    const plan = await client.planRollback(run, { ...(to !== undefined && { to }) })
    if (context.isJson) context.printJson(toJson(plan))
    else context.print(...linesOf(context, plan))
    return EXIT.done
  })
}

const REASONS: Readonly<Record<NonNullable<PlannedUnit['reason']>, string>> = {
  pivot: 'a pivot has completed',
  no_compensation: 'says nothing about how to undo it',
  not_selected: 'not reached',
}

function linesOf({ paint }: Context, plan: RollbackPlan): readonly string[] {
  const { undo, keep, reset, cleanup, cost, refund, obstacle } = plan
  const rows = [
    ...undo.map((unit) => [`${unit.stage ?? 1}`, 'undo', nameOf(unit), costOf(unit)]),
    ...cleanup.map((unit) => ['', 'remove', nameOf(unit), `with ${unit.uses ?? ''}`]),
    ...keep.map((unit) => ['', 'keep', nameOf(unit), REASONS[unit.reason ?? 'not_selected']]),
  ]
  const columns = ['stage', '', 'step', ''].map((title) => ({ title }))
  const table = rows.map((row) => row.map((text) => ({ text })))
  return [
    ...(rows.length === 0
      ? ['nothing was done that could be undone']
      : renderTable({ columns, rows: table, width: Number.POSITIVE_INFINITY })),
    '',
    `undoing costs ${formatFtns(cost)}; ${formatFtns(refund)} set aside and not spent`,
    ...(reset.length === 0 ? [] : [`a resumed run does again: ${reset.join(', ')}`]),
    obstacle === undefined
      ? paint.dim(`prsm rollback run ${plan.run}${plan.to === undefined ? '' : ` --to ${plan.to}`}`)
      : paint.yellow(`not possible now: ${obstacle}`),
  ]
}

function nameOf({ step, index }: PlannedUnit): string {
  return index === undefined ? step : `${step}[${index}]`
}

function costOf({ uses = '', cost }: PlannedUnit): string {
  return cost === undefined ? `with ${uses}` : `with ${uses}, for about ${formatFtns(cost)}`
}
