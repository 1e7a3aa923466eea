import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { toJson } from '../text/json.ts'

import { renderGantt } from './gantt.ts'

/** Width of a picture that goes to a file or pipe. */
const FILE_COLUMNS = 120

/** `prsm show RUN --gantt` */
export async function showGantt(context: Context, given: string): Promise<ExitCode> {
  const timeline = await withSession(context, 'none', async ({ client }) =>
    client.timeline(await findRun(client, given)),
  )
  const { terminal, glyphs, paint } = context
  if (context.isJson) context.printJson(toJson(timeline))
  else if (timeline.units.length === 0) context.note('nothing has begun yet')
  else {
    const columns = terminal.out.isInteractive ? terminal.out.columns : FILE_COLUMNS
    context.print(`${paint.bold(timeline.workflow)}  ${paint.dim(timeline.run)}`)
    context.print(...renderGantt(timeline, { columns, glyphs, paint }))
  }
  return EXIT.done
}
