import type { Fire } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { type InputFlags, readInputs } from '../definition/read-inputs.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { fireLine } from './fire-lines.ts'
import { zoneTime } from './times-text.ts'

/** Options of `prsm schedule show`. */
export interface FireFlags {
  readonly limit: number
  readonly status?: string
}

/** Options of `prsm schedule trigger`. */
export interface TriggerFlags extends InputFlags {
  readonly parked?: boolean
}

/** `prsm schedule trigger` */
export async function triggerSchedule(
  context: Context,
  name: string,
  flags: TriggerFlags,
): Promise<ExitCode> {
  const { parked = false } = flags
  const inputs = await readInputs(context, {}, flags)
  const hasInputs = Object.keys(inputs).length > 0
  if (parked && hasInputs) throw new UsageError('parked fires keep the inputs they have')
  const fires = await withSession(context, 'none', ({ client }) =>
    client.triggerSchedule(name, { parked, ...(hasInputs && { inputs }) }),
  )
  if (context.isJson) context.printJson(fires.map((fire) => toJson(fire)))
  else if (fires.length === 0) context.note('it has no parked fire')
  else context.print(...fires.map((fire) => fireLine(fire)))
  if (fires.some(({ status }) => status === 'started')) {
    context.note('a server or worker takes its run up; prsm show RUN shows it')
  }
  return fires.some(isParked) ? EXIT.failed : EXIT.done
}

function isParked({ status }: Fire): boolean {
  return status === 'parked'
}

/** Options of `prsm schedule backfill`. */
export interface BackfillFlags {
  readonly from: string
  readonly to: string
  readonly concurrency: number
  readonly dryRun?: boolean
}

/** `prsm schedule backfill` */
export async function backfillSchedule(
  context: Context,
  name: string,
  { from, to, concurrency, dryRun = false }: BackfillFlags,
): Promise<ExitCode> {
  const { filled, zone } = await withSession(context, 'none', async ({ client }) => {
    const { spec } = await client.getSchedule(name)
    const request = { from, to, concurrency, dryRun }
    return { filled: await client.backfillSchedule(name, request), zone: spec.zone ?? 'UTC' }
  })
  const { fires, done } = filled
  if (context.isJson) {
    context.printJson(toJson(filled))
    return EXIT.done
  }
  context.print(...fires.map((at) => `${zoneTime(at, zone)} ${zone}`))
  const had = done === 0 ? '' : `; ${done} had their run already`
  context.note(`${fires.length} to be made up for${had}`)
  if (dryRun) context.note('this was a dry run: nothing was fired')
  return EXIT.done
}
