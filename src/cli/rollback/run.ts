import type { Event } from '../../client/index.ts'
import { sleep } from '../../kernel/clock.ts'
import type { Json } from '../../kernel/json.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'

import type { RollbackFlags } from './flags.ts'
import { describeRollback } from './text.ts'

/** How long is waited for the next sign of a rollback, milliseconds, and how often it is looked for. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 50

/** `prsm rollback run` */
export async function runRollback(
  context: Context,
  given: string,
  { to }: RollbackFlags,
): Promise<ExitCode> {
  return withSession(context, 'own', async (session) => {
    const { client, local } = session
    const run = await findRun(client, given)
    const after = await versionOf(session, run)
    await client.rollBack(run, { ...(to !== undefined && { to }) })
    // A run that nobody drives hears of nothing: it is taken up here for as long as it needs.
    await local?.platform.engine?.take(run)
    const result = await follow(context, session, { run, after })
    const { id, name, status } = await client.getRun(run)
    if (context.isJson) context.printJson({ id, name, status, result: result ?? null })
    else context.print(`${id} ${result === undefined ? 'goes back' : `rolled back: ${result}`}`)
    if (status === 'paused') context.note(`go on from there with: prsm resume ${id}`)
    if (result === 'manual_required' || result === 'failed')
      context.note('what could not be undone is left to you: prsm incidents ls')
    return result === 'failed' || result === 'manual_required' ? EXIT.failed : EXIT.done
  })
}

async function versionOf({ client }: Session, run: string): Promise<number> {
  let version = 0
  for await (const event of client.listEvents(run, { limit: 200 })) version = event.version
  return version
}

interface Following {
  readonly run: string
  readonly after: number
}

/** Tells what is done as it happens; `undefined` when it takes too long to be waited for. */
async function follow(
  context: Context,
  { client }: Session,
  { run, after }: Following,
): Promise<string | undefined> {
  let version = after
  let until = context.clock.now() + PATIENCE_MS
  let result: string | undefined
  while (context.clock.now() < until) {
    for await (const event of client.listEvents(run, { after: version })) {
      version = event.version
      until = context.clock.now() + PATIENCE_MS
      note(context, event)
      if (event.kind === 'rollback.ended') result = textOf(event.data['result'])
      if (result !== undefined && ENDS.has(event.kind)) return result
    }
    await sleep(context.clock, LOOK_EVERY_MS)
  }
  return result
}

const ENDS: ReadonlySet<string> = new Set(['run.failed', 'run.cancelled', 'run.paused'])

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function note(context: Context, { kind, data }: Event): void {
  const line = describeRollback({ kind, data })
  if (line !== undefined) context.note(line)
}
