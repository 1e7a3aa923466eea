import type { Incident } from '../../client/index.ts'
import { sleep } from '../../kernel/clock.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { dayTime } from '../text/time.ts'
import { tame } from '../text/width.ts'

import type { IncidentFlags, NoteFlags } from './flags.ts'

/** `prsm incidents ls` */
export async function listIncidents(
  context: Context,
  { all = false, limit }: IncidentFlags,
): Promise<ExitCode> {
  const found = await withSession(context, 'none', async ({ client }) => {
    const list: Incident[] = []
    const filter = { limit: Math.min(limit, 200), ...(!all && { state: 'open' as const }) }
    for await (const each of client.listIncidents(filter)) {
      list.push(each)
      if (list.length === limit) break
    }
    return list
  })
  if (context.isJson) context.printJson(found.map((each) => toJson(each)))
  else if (found.length === 0) context.note(all ? 'there were none' : 'nothing is left to people')
  else context.print(...tableOf(found))
  return EXIT.done
}

function tableOf(found: readonly Incident[]): readonly string[] {
  const columns = ['id', 'opened', 'state', 'reason', 'failure', 'step'].map((title) => ({ title }))
  const rows = found.map(({ id, openedAt, state, reason, failure, ...unit }) =>
    [id, dayTime(openedAt), state, reason, failure, unitOf(unit)].map((text) => ({ text })),
  )
  return renderTable({ columns, rows, width: Number.POSITIVE_INFINITY })
}

function unitOf({ step = '', index }: Pick<Incident, 'step' | 'index'>): string {
  return index === undefined ? step : `${step}[${index}]`
}

/** `prsm incidents show` */
export async function showIncident(context: Context, id: string): Promise<ExitCode> {
  const found = await withSession(context, 'none', ({ client }) => client.getIncident(id))
  if (context.isJson) context.printJson(toJson(found))
  else context.print(...linesOf(found))
  return EXIT.done
}

function linesOf(incident: Incident): readonly string[] {
  const { id, run, state, reason, failure, openedAt, details, resolution, resolvedBy } = incident
  const unit = unitOf(incident)
  const decide = `prsm rollback resolve ${run} retry|skip|compensate|give-up`
  const close = `prsm incidents resolve ${id} --note "what was done"`
  return [
    `${id} ${state}, opened ${dayTime(openedAt)}`,
    `run ${run}${unit === '' ? '' : `, step ${unit}`}: ${reason}, ${failure}`,
    ...(resolution === undefined ? [] : [`resolved by ${resolvedBy ?? ''}: ${resolution}`]),
    '',
    tame(JSON.stringify(details, null, 2)),
    ...(state === 'open' ? ['', reason === 'manual_intervention' ? decide : close] : []),
  ]
}

/** How long is waited for the run to hear of it, milliseconds, and how often it is looked at. */
const PATIENCE_MS = 5_000
const LOOK_EVERY_MS = 50

/** `prsm incidents resolve` */
export async function resolveIncident(
  context: Context,
  id: string,
  { note }: NoteFlags,
): Promise<ExitCode> {
  return withSession(context, 'own', async ({ client, local }) => {
    let found = await client.closeIncident(id, { ...(note !== undefined && { note }) })
    await local?.platform.engine?.take(found.run)
    const until = context.clock.now() + PATIENCE_MS
    while (found.state === 'open' && context.clock.now() < until) {
      await sleep(context.clock, LOOK_EVERY_MS)
      found = await client.getIncident(id)
    }
    if (context.isJson) context.printJson(toJson(found))
    else context.print(`${id} ${found.state}`)
    return EXIT.done
  })
}
