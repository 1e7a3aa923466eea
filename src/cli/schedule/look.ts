import type {
  Fire,
  FireStatus,
  Schedule,
  ScheduleStatus,
  ScheduleVersion,
} from '../../client/index.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { fireStatus, previewRequest, scheduleStatus } from '../../workflow/schedule/schema.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { type Cell, renderTable } from '../text/table.ts'
import { dayTime, relativeTime } from '../text/time.ts'

import type { FireFlags } from './fire.ts'
import { isFile, readTimes } from './read-schedule.ts'
import { specOf, type TimeFlags, triggerText } from './spec-flags.ts'
import { whenText, zoneTime } from './times-text.ts'

/** Options of `prsm schedule ls`. */
export interface ScheduleListFlags {
  readonly status?: string
}

/** `prsm schedule ls` */
export async function listSchedules(
  context: Context,
  { status }: ScheduleListFlags,
): Promise<ExitCode> {
  const filter = status === undefined ? {} : { status: statusOf(status) }
  const schedules = await withSession(context, 'none', async ({ client }) => {
    const found: Schedule[] = []
    for await (const each of client.listSchedules({ limit: 200, ...filter })) found.push(each)
    return found
  })
  if (context.isJson) context.printJson(schedules.map((each) => toJson(each)))
  else if (schedules.length > 0) context.print(...tableOf(context, schedules))
  else {
    context.note(
      status === undefined
        ? 'there is no schedule yet: prsm schedule create FILE makes one'
        : 'no schedule fits',
    )
  }
  return EXIT.done
}

function statusOf(text: string): ScheduleStatus {
  const parsed = scheduleStatus.safeParse(text)
  if (parsed.success) return parsed.data
  throw unknownStatus('schedules', text, scheduleStatus.options)
}

function fireStatusOf(text: string): FireStatus {
  const parsed = fireStatus.safeParse(text)
  if (parsed.success) return parsed.data
  throw unknownStatus('fires', text, fireStatus.options)
}

function unknownStatus(what: string, text: string, known: readonly string[]): UsageError {
  return new UsageError(`${what} are never "${text}"${didYouMean(text, known)}`, {
    hint: `they are ${known.join(', ')}`,
  })
}

function tableOf(
  { paint, glyphs, clock }: Context,
  schedules: readonly Schedule[],
): readonly string[] {
  const now = clock.now()
  return renderTable({
    columns: [
      { title: 'SCHEDULE' },
      { title: 'WORKFLOW' },
      { title: 'TRIGGER' },
      { title: 'STATUS' },
      { title: 'NEXT' },
      { title: 'FIRES', align: 'right' },
      { title: 'PARKED', align: 'right' },
    ],
    rows: schedules.map((each): readonly Cell[] => [
      { text: each.name },
      { text: each.workflow },
      { text: triggerText(each.spec.trigger) },
      { text: each.status },
      { text: each.nextAt === undefined ? '' : relativeTime(each.nextAt, now) },
      { text: each.fires.toString() },
      each.parked > 0 ? { text: each.parked.toString(), paint: paint.red } : { text: '' },
    ]),
    width: 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** `prsm schedule show` */
export async function showSchedule(
  context: Context,
  name: string,
  { limit, status }: FireFlags,
): Promise<ExitCode> {
  const filter = status === undefined ? {} : { status: fireStatusOf(status) }
  const { schedule, fires, versions } = await withSession(context, 'none', async ({ client }) => {
    const found: Fire[] = []
    const record = await client.getSchedule(name)
    for await (const fire of client.listFires(name, { limit: Math.min(limit, 200), ...filter })) {
      found.push(fire)
      if (found.length === limit) break
    }
    return { schedule: record, fires: found, versions: await client.listScheduleVersions(name) }
  })
  if (context.isJson) context.printJson(toJson({ ...schedule, latest: fires, versions }))
  else {
    context.print(...facts(schedule, context.clock.now()), ...versionLines(versions))
    if (fires.length > 0) context.print('', ...fireTable(context, schedule, fires))
    else context.note(status === undefined ? 'it has not fired yet' : 'no fire fits')
    if (schedule.parked > 0) {
      context.note(`prsm schedule trigger ${schedule.name} --parked tries parked fires again`)
    }
  }
  return EXIT.done
}

function facts(schedule: Schedule, now: number): readonly string[] {
  const { name, workflow, spec, fires, missed, skipped, parked, waiting } = schedule
  const { catchUp, overlap = 'skip', zone = 'UTC' } = spec
  const counts = { fires, missed, skipped, parked, waiting }
  const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  return [
    `${name} ${whenText(schedule, now)}`,
    `runs ${workflow}, ${triggerText(spec.trigger)}, ${zone}; catch-up ${catchUp?.policy ?? 'last'}, overlap ${overlap}`,
    told.join(', '),
  ]
}

function versionLines(versions: readonly ScheduleVersion[]): readonly string[] {
  return versions.map(
    ({ version, at, by, definition }) =>
      `version ${version}, ${dayTime(at)} by ${by}, definition ${definition.slice(0, 19)}`,
  )
}

function fireTable(
  { paint, glyphs }: Context,
  { spec: { zone = 'UTC' } }: Schedule,
  fires: readonly Fire[],
): readonly string[] {
  return renderTable({
    columns: [
      { title: 'FOR' },
      { title: 'CAUSE' },
      { title: 'STATUS' },
      { title: 'RUN' },
      { title: '' },
    ],
    rows: fires.map(({ scheduledAt, cause, status, run, reason }): readonly Cell[] => [
      { text: zoneTime(scheduledAt, zone) },
      { text: cause },
      status === 'parked' ? { text: status, paint: paint.red } : { text: status },
      { text: run },
      { text: reason?.message ?? '' },
    ]),
    width: 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** Options of `prsm schedule next`. */
export interface NextFlags extends TimeFlags {
  readonly count: number
  readonly from?: string
}

/** `prsm schedule next`: of a schedule that is kept, in a file, or in options alone. */
export async function nextFires(
  context: Context,
  name: string | undefined,
  flags: NextFlags,
): Promise<ExitCode> {
  const { count, from } = flags
  const given = specOf(flags)
  const isKept = name !== undefined && !isFile(name)
  if (isKept && (from !== undefined || Object.keys(given).length > 0)) {
    throw new UsageError('the times of a schedule that is kept stand; options are for others')
  }
  const file = name === undefined || isKept ? undefined : await readTimes(name)
  const found = await withSession(context, 'none', ({ client }) =>
    isKept
      ? client.nextFires(name, { count })
      : client.previewSchedule(toPreview({ ...pickTimes(file), ...given }, flags)),
  )
  if (context.isJson) context.printJson(toJson(found))
  else if (found.fires.length === 0) context.note('it has no more times')
  else {
    const now = context.clock.now()
    context.print(
      ...found.fires.map(
        (at) => `${zoneTime(at, found.zone)} ${found.zone}, ${relativeTime(at, now)}`,
      ),
    )
  }
  return EXIT.done
}

function pickTimes(file: Awaited<ReturnType<typeof readTimes>> | undefined): object {
  if (file === undefined) return {}
  const { trigger, zone, start, end } = file
  return {
    trigger,
    ...(zone !== undefined && { zone }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  }
}

function toPreview(
  spec: object,
  { count, from }: Pick<NextFlags, 'count' | 'from'>,
): ReturnType<typeof previewRequest.parse> {
  if (!('trigger' in spec)) {
    throw new UsageError('nothing says when it would fire', {
      hint: 'name a schedule or a file, or give --cron, --every or another trigger',
    })
  }
  const parsed = previewRequest.safeParse({ spec, count, ...(from !== undefined && { from }) })
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new UsageError(`the times are not valid: ${issues.join('; ')}`)
}
