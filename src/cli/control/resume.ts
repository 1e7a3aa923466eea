import { parseFtns } from '../../kernel/money.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { loadView } from '../look/load-view.ts'
import { follow } from '../run/follow.ts'
import { withInterrupts } from '../run/interrupts.ts'
import { reportResult } from '../run/result.ts'
import { whatToShow } from '../run/run-workflow.ts'

/** Options of `prsm resume`. */
export interface ResumeFlags {
  readonly budget?: string
  readonly watch?: boolean
  readonly detach?: boolean
}

/** `prsm resume`: goes on with a run and follows it. */
export async function resumeRun(
  context: Context,
  given: string,
  flags: ResumeFlags,
): Promise<ExitCode> {
  const isElsewhere = flags.detach === true
  return withSession(context, isElsewhere ? 'none' : 'own', async (session) => {
    const run = await findRun(session.client, given)
    const { definition, events } = await loadView(session, run)
    await ask(session, run, flags)
    if (isElsewhere) {
      const { id, name, status } = await session.client.getRun(run)
      if (context.isJson) context.printJson({ id, name, status })
      else context.note(`asked to go on; watch it with: prsm logs ${id} --follow`)
      return EXIT.done
    }
    const followed = await withInterrupts(context, (interrupted) =>
      follow(context, {
        session,
        run,
        definition,
        past: events,
        drives: true,
        resumes: true,
        show: whatToShow(context, flags.watch),
        interrupted,
      }),
    )
    return reportResult(context, session, followed)
  })
}

async function ask({ client }: Session, run: string, { budget }: ResumeFlags): Promise<void> {
  await client.resume(run, { ...(budget !== undefined && { budget: parseFtns(budget) }) })
}
