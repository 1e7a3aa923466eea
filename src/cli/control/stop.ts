import type { RunRecord } from '../../client/index.ts'
import { sleep } from '../../kernel/clock.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'

/** How long is waited for a run to do as it was asked, milliseconds, and how often it is looked at. */
const PATIENCE_MS = 5_000
const LOOK_EVERY_MS = 50

/** `prsm cancel` */
export async function cancelRun(
  context: Context,
  given: string,
  { reason }: { readonly reason?: string },
): Promise<ExitCode> {
  return stop(context, given, {
    wanted: 'cancelled',
    ask: ({ client }, run) => client.cancel(run, { ...(reason !== undefined && { reason }) }),
  })
}

/** `prsm pause` */
export async function pauseRun(context: Context, given: string): Promise<ExitCode> {
  return stop(context, given, {
    wanted: 'paused',
    ask: ({ client }, run) => client.pause(run),
  })
}

interface Stopping {
  readonly wanted: RunRecord['status']
  readonly ask: (session: Session, run: string) => Promise<RunRecord>
}

async function stop(context: Context, given: string, { wanted, ask }: Stopping): Promise<ExitCode> {
  return withSession(context, 'own', async (session) => {
    const { client, local } = session
    const run = await findRun(client, given)
    let record = await ask(session, run)
    // A run that nobody drives hears of nothing: it is taken up here for as long as it needs.
    await local?.platform.engine?.take(run)
    const until = context.clock.now() + PATIENCE_MS
    while (record.status !== wanted && context.clock.now() < until) {
      await sleep(context.clock, LOOK_EVERY_MS)
      record = await client.getRun(run)
      if (isOver(record)) break
    }
    const { id, name, status } = record
    if (context.isJson) context.printJson({ id, name, status })
    else
      context.print(`${id} ${status === wanted ? status : `is ${status}${restOf(record, wanted)}`}`)
    if (status === 'paused') context.note(`go on with: prsm resume ${id}`)
    return status === wanted || !isOver(record) ? EXIT.done : EXIT.failed
  })
}

function isOver({ endedAt }: RunRecord): boolean {
  return endedAt !== undefined
}

function restOf(record: RunRecord, wanted: string): string {
  return isOver(record) ? '' : `, and will be ${wanted} when its running steps have ended`
}
