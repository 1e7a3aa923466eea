import type { PoolRecord, QueueEntry, QueueLoad, QueueStatus } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { type Amounts, queueStatus } from '../../workflow/queue/schema.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { statusColour } from '../live/frame.ts'
import { toJson } from '../text/json.ts'
import { type Cell, type Column, renderTable } from '../text/table.ts'
import { relativeTime } from '../text/time.ts'

/** Options of `prsm queue ls`. */
export interface QueueFlags {
  readonly status?: string
  readonly limit: number
}

/** Options of `prsm queue limit`. */
export interface LimitFlags {
  readonly for?: string
  readonly team?: string
}

/** Options of `prsm queue share`. */
export type ShareFlags = LimitFlags

/** `prsm queue ls` */
export async function listQueue(
  context: Context,
  { status, limit }: QueueFlags,
): Promise<ExitCode> {
  const filter = { limit, ...(status !== undefined && { status: parseStatus(status) }) }
  const entries = await withSession(context, 'none', ({ client }) => client.listQueue(filter))
  if (context.isJson) context.printJson(entries.map((entry) => toJson(entry)))
  else if (entries.length === 0) {
    context.note(
      'nothing waits: steps with "resources" or "runsOn" do, and runs that may not begin yet',
    )
  } else context.print(...queueTable(context, entries))
  return EXIT.done
}

function parseStatus(text: string): QueueStatus {
  const parsed = queueStatus.safeParse(text)
  if (parsed.success) return parsed.data
  throw new UsageError(`there is no status "${text}"${didYouMean(text, queueStatus.options)}`, {
    hint: `they are ${queueStatus.options.join(', ')}`,
  })
}

function queueTable(context: Context, entries: readonly QueueEntry[]): readonly string[] {
  const { paint, clock } = context
  const now = clock.now()
  const rows = entries.map((entry): readonly Cell[] => [
    { text: entry.status, paint: statusColour(entry.status, paint) },
    { text: entry.priority },
    { text: entry.team === 'default' ? entry.tenant : `${entry.tenant}/${entry.team}` },
    { text: entry.run },
    { text: unitOf(entry) },
    { text: needsOf(entry.amounts, entry.labels) },
    { text: whenOf(entry, now), paint: paint.dim },
  ])
  return tableOf(context, rows, [
    { title: 'STATUS' },
    { title: 'PRIORITY', spare: 2 },
    { title: 'WHOSE', spare: 3 },
    { title: 'RUN' },
    { title: 'STEP', least: 8 },
    { title: 'NEEDS', least: 8, spare: 1 },
    { title: 'SINCE' },
  ])
}

function unitOf({ step = '', index }: QueueEntry): string {
  return index === undefined ? step : `${step}[${index}]`
}

/** What something asks for, or has, on one line: `2 cpu_cores, gpu`. */
export function needsOf(amounts: Amounts, labels: readonly string[]): string {
  const parts = Object.entries(amounts).map(([name, amount]) => `${shortOf(amount)} ${name}`)
  return [...parts, ...labels].join(', ')
}

function shortOf(amount: number): string {
  return String(Math.round(amount * 10) / 10)
}

function whenOf({ createdAt, startedAt, endedAt, notBefore }: QueueEntry, now: number): string {
  if (notBefore !== undefined) return `begins ${relativeTime(notBefore, now)}`
  return relativeTime(endedAt ?? startedAt ?? createdAt, now)
}

/** `prsm queue pools` */
export async function listPools(context: Context): Promise<ExitCode> {
  const pools = await withSession(context, 'none', ({ client }) => client.listPools())
  if (context.isJson) context.printJson(pools.map((pool) => toJson(pool)))
  else context.print(...poolTable(context, pools))
  return EXIT.done
}

function poolTable(context: Context, pools: readonly PoolRecord[]): readonly string[] {
  const rows = pools.map(({ resource, capacity, used, queued, limit }) => [
    { text: resource },
    { text: shortOf(capacity) },
    { text: shortOf(used) },
    { text: shortOf(queued) },
    { text: limit === undefined ? '' : shortOf(limit) },
  ])
  return tableOf(context, rows, [
    { title: 'RESOURCE' },
    { title: 'THERE IS', align: 'right' },
    { title: 'USED', align: 'right' },
    { title: 'WAITED FOR', align: 'right' },
    { title: 'LIMIT', align: 'right' },
  ])
}

/** `prsm queue load` */
export async function showLoad(context: Context): Promise<ExitCode> {
  const load = await withSession(context, 'none', ({ client }) => client.queueLoad())
  if (context.isJson) context.printJson(toJson(load))
  else context.print(...loadLines(load))
  return EXIT.done
}

function loadLines(load: QueueLoad): readonly string[] {
  const { queued, running, oldestQueuedMs, workers, wantedWorkers, unservable } = load
  const longest = queued === 0 ? '' : `, the longest for ${formatDuration(oldestQueuedMs)}`
  const lines = [
    `waiting    ${queued}${longest}`,
    `running    ${running}`,
    `workers    ${workers}, wanted ${wantedWorkers}`,
  ]
  if (unservable > 0) {
    lines.push(`nobody can run ${unservable} of them: start a worker with their labels and size`)
  }
  return lines
}

/** A table as wide as the terminal. */
export function tableOf(
  { terminal, paint, glyphs }: Context,
  rows: readonly (readonly Cell[])[],
  columns: readonly Column[],
): readonly string[] {
  return renderTable({
    columns,
    rows,
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}
