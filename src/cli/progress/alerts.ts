import type { Alert, Client } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Colour, Paint } from '../text/colour.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { relativeTime } from '../text/time.ts'
import { tameLine } from '../text/width.ts'

/** Options of `prsm alerts ls`. */
export interface AlertFlags {
  readonly all?: boolean
  readonly limit: number
}

/** `prsm alerts ls` */
export async function listAlerts(
  context: Context,
  { all = false, limit }: AlertFlags,
): Promise<ExitCode> {
  const alerts = await withSession(context, 'none', async ({ client }) => {
    const found: Alert[] = []
    const filter = { limit: Math.min(limit, 200), ...(!all && { open: true }) }
    for await (const alert of client.listAlerts(filter)) {
      found.push(alert)
      if (found.length === limit) break
    }
    return found
  })
  if (context.isJson) context.printJson(alerts.map((alert) => toJson(alert)))
  else if (alerts.length === 0) context.note('there is nothing to tell')
  else context.print(...tableOf(context, alerts))
  return EXIT.done
}

/** `prsm alerts ack` and `prsm alerts resolve` */
export async function markAlert(
  context: Context,
  given: string,
  action: 'ack' | 'resolve',
): Promise<ExitCode> {
  const alert = await withSession(context, 'none', async ({ client }) => {
    const id = await findAlert(client, given)
    return action === 'ack' ? client.acknowledgeAlert(id) : client.resolveAlert(id)
  })
  if (context.isJson) context.printJson(toJson(alert))
  else context.note(`${alert.id} is ${action === 'ack' ? 'acknowledged' : 'resolved'}`)
  return EXIT.done
}

/** Length of an id; less is a part of one. */
const WHOLE = 31
/** Alerts that are looked through for a part of an id. */
const MOST = 2_000

async function findAlert(client: Client, given: string): Promise<string> {
  if (given.startsWith('alrt_') && given.length >= WHOLE) return given
  const found: string[] = []
  let seen = 0
  for await (const { id } of client.listAlerts({ limit: 200 })) {
    if (id.startsWith(given) || id.startsWith(`alrt_${given}`)) found.push(id)
    seen += 1
    if (seen === MOST) break
  }
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  throw new UsageError(
    only === undefined ? `no alert fits "${given}"` : `"${given}" fits ${found.length} alerts`,
    { hint: 'prsm alerts ls lists them' },
  )
}

function tableOf(
  { terminal, paint, glyphs, clock }: Context,
  alerts: readonly Alert[],
): readonly string[] {
  const now = clock.now()
  return renderTable({
    columns: [
      { title: 'ALERT' },
      { title: 'SEVERITY' },
      { title: 'WHEN', spare: 2 },
      { title: 'WORKFLOW', least: 10, spare: 1 },
      { title: 'RUN', least: 10 },
      { title: 'WHAT', least: 20, wraps: true },
      { title: 'STATE' },
    ],
    rows: alerts.map((alert) => [
      { text: alert.id.slice(0, 'alrt_'.length + 6) },
      { text: alert.severity, paint: SEVERITIES[alert.severity](paint) },
      { text: relativeTime(alert.raisedAt, now), paint: paint.dim },
      { text: alert.workflow },
      { text: alert.run === undefined ? '' : alert.run.slice(-8) },
      { text: tameLine(alert.message) },
      { text: stateOf(alert), paint: paint.dim },
    ]),
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

const SEVERITIES: Readonly<Record<Alert['severity'], (paint: Paint) => Colour>> = {
  info: (paint) => paint.dim,
  warning: (paint) => paint.yellow,
  error: (paint) => paint.red,
  critical: (paint) => paint.red,
}

function stateOf({ resolvedAt, acknowledgedAt }: Alert): string {
  if (resolvedAt !== undefined) return 'resolved'
  return acknowledgedAt === undefined ? 'open' : 'seen'
}
