import type { Client, Explanation, Reason, RunState } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { toJson } from '../text/json.ts'
import { relativeTime } from '../text/time.ts'
import { tameLine } from '../text/width.ts'

/** States in which a run is not over. */
const UNFINISHED: readonly RunState[] = [
  'scheduled',
  'queued',
  'running',
  'waiting',
  'paused',
  'cancelling',
  'compensating',
]
/** Runs explained when none is named. */
const MOST = 200

/** `prsm why`: what a run waits for; without one, what all unfinished ones wait for. */
export async function explainRuns(context: Context, given: string | undefined): Promise<ExitCode> {
  return withSession(context, 'none', async ({ client }) => {
    if (given !== undefined) {
      const found = await client.explainRun(await findRun(client, given))
      if (context.isJson) context.printJson(toJson(found))
      else context.print(...linesOf(context, found))
      return EXIT.done
    }
    const all = await explainAll(client)
    if (context.isJson) context.printJson(all.map(toJson))
    else if (all.length === 0) context.note('every run is over')
    else context.print(...all.flatMap((each) => linesOf(context, each)))
    return EXIT.done
  })
}

async function explainAll(client: Client): Promise<readonly Explanation[]> {
  const found: Explanation[] = []
  for (const status of UNFINISHED) {
    for await (const { id } of client.listRuns({ status, limit: 200 })) {
      if (found.length === MOST) return found
      found.push(await client.explainRun(id))
    }
  }
  return found
}

function linesOf(
  context: Context,
  { run, name, status, reasons, more }: Explanation,
): readonly string[] {
  const { paint } = context
  const rest = more === 0 ? [] : [`  and ${more} more units`]
  return [
    `${run} ${name} ${paint.bold(status)}`,
    ...reasons.flatMap((reason) => reasonLines(context, reason)),
    ...rest,
  ]
}

function reasonLines({ clock, paint }: Context, reason: Reason): readonly string[] {
  const { message, since, dueAt, command } = reason
  const now = clock.now()
  const times = [
    since === undefined ? undefined : `since ${relativeTime(since, now)}`,
    dueAt === undefined ? undefined : `due ${relativeTime(dueAt, now)}`,
  ].filter((time) => time !== undefined)
  const when = times.length === 0 ? '' : paint.dim(` (${times.join(', ')})`)
  const help = command === undefined ? [] : [`    ${command}`]
  return [`  ${tameLine(message)}${when}`, ...help]
}
