import { resolution } from '../../workflow/rollback/schema.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { loadView } from '../look/load-view.ts'
import { follow } from '../run/follow.ts'
import { withInterrupts } from '../run/interrupts.ts'
import { reportResult } from '../run/result.ts'
import { whatToShow } from '../run/run-workflow.ts'

/** What somebody has decided. */
export interface Decision {
  readonly run: string
  readonly decision: string
  readonly note?: string
}

/** `prsm rollback resolve`: decides about a run and follows what comes of it. */
export async function resolveRun(
  context: Context,
  { run: given, decision, note }: Decision,
): Promise<ExitCode> {
  const chosen = resolution.safeParse(decision.replaceAll('-', '_'))
  if (!chosen.success) {
    throw new UsageError(`"${decision}" is no decision`, {
      hint: 'write retry, skip, compensate or give-up',
    })
  }
  return withSession(context, 'own', async (session) => {
    const run = await findRun(session.client, given)
    const { definition, events } = await loadView(session, run)
    await session.client.resolve(run, {
      resolution: chosen.data,
      ...(note !== undefined && { note }),
    })
    const followed = await withInterrupts(context, (interrupted) =>
      follow(context, {
        session,
        run,
        definition,
        past: events,
        drives: true,
        resumes: true,
        show: whatToShow(context, undefined),
        interrupted,
      }),
    )
    return reportResult(context, session, followed)
  })
}
