import type { Event } from '../../client/index.ts'
import { applyToView, createRunView, type RunView } from '../../progress/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describeEvent } from '../run/event-line.ts'
import { watchRun } from '../run/watch-run.ts'
import { dayTime } from '../text/time.ts'

import { findRun } from './find-run.ts'
import { loadView } from './load-view.ts'

/** Options of `prsm logs`. */
export interface LogFlags {
  readonly follow?: boolean
  readonly tail?: number
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled'])

/** `prsm logs`: what happened in a run, and what goes on happening. */
export async function printLogs(
  context: Context,
  given: string,
  { follow = false, tail }: LogFlags,
): Promise<ExitCode> {
  return withSession(context, 'none', async (session) => {
    const run = await findRun(session.client, given)
    const { definition, events, view } = await loadView(session, run)
    const lines = printer(context, createRunView(definition))
    const told = events.map(lines).filter((line) => line !== undefined)
    const last = tail === undefined ? told : told.slice(Math.max(0, told.length - tail))
    if (last.length > 0) context.print(...last)
    if (!follow || ENDED.has(view.status)) return EXIT.done
    const watching = new AbortController()
    const endListening = context.terminal.onInterrupt(() => watching.abort('interrupt'))
    const { signal } = watching
    const { clock } = context
    try {
      const { client } = session
      for await (const event of watchRun({ client, clock, run, after: view.version, signal })) {
        const line = lines(event)
        if (line !== undefined) context.print(line)
      }
    } finally {
      endListening()
    }
    return signal.aborted ? EXIT.interrupted : EXIT.done
  })
}

/** A line for each event; for programs, the event itself. */
function printer({ isJson, paint }: Context, first: RunView): (event: Event) => string | undefined {
  let before = first
  return (event) => {
    if (isJson) return JSON.stringify(event)
    const after = applyToView(before, event)
    const text = describeEvent({ event, before, after })
    before = after
    return text === undefined ? undefined : `${paint.dim(dayTime(event.at))}  ${text}`
  }
}
