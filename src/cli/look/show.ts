import type { RunProgress } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import type { Json } from '../../kernel/json.ts'
import { formatFtns } from '../../kernel/money.ts'
import { type RunView, type StepView, viewAt } from '../../progress/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderFrame } from '../live/frame.ts'
import { adviceLines, adviseOnView, nextOf } from '../run/advice.ts'
import { countFiles, failureText, inflate, waitsOf, whereFiles } from '../run/result.ts'
import { toJson } from '../text/json.ts'
import { dayTime } from '../text/time.ts'
import { tame } from '../text/width.ts'

import { findRun } from './find-run.ts'
import { loadView } from './load-view.ts'

/** Lines of a whole run in a file or pipe, where there is no screen to be filled. */
const UNBOUNDED = 1_000_000

/** `prsm show`: a run as it is now. */
export async function showRun(context: Context, given: string): Promise<ExitCode> {
  return withSession(context, 'none', async (session) => {
    const { client } = session
    const id = await findRun(client, given)
    const [record, { view: latest }, progress] = await Promise.all([
      client.getRun(id),
      loadView(session, id),
      client.progress(id),
    ])
    const view = viewAt(latest, context.clock.now())
    const files = await countFiles(session, id)
    const output = view.output === undefined ? undefined : await inflate(session, view.output)
    if (context.isJson) {
      const { percent, elapsedMs, budget, failure } = view
      const states = new Map(progress.steps.map(({ name, state }) => [name, state]))
      const steps = view.steps.map((step) => ({ ...toRecord(step), state: states.get(step.name) }))
      const { state, eta, slow } = progress
      const failedStep = failure?.step
      const more = {
        state,
        eta,
        slow,
        percent,
        elapsedMs,
        budget,
        output,
        failedStep,
        steps,
        files,
      }
      context.printJson(
        toJson({ ...record, ...more, ...waitsOf(view), ...nextOf(adviseOnView(view)) }),
      )
      return EXIT.done
    }
    const { terminal, paint, glyphs, print } = context
    const columns = terminal.out.isInteractive ? terminal.out.columns : 120
    const style = { paint, glyphs, columns, rows: UNBOUNDED, isAdvised: false }
    print(...renderFrame(view, style))
    print('', ...facts(view), ...outlookLines(context, progress), ...whereFiles(session, id, files))
    if (view.failure !== undefined) print('', failureText(context, view).trimEnd())
    const advice = adviseOnView(view)
    if (advice.length > 0) print('', ...adviceLines(advice))
    if (output !== undefined) print('', paint.dim('output'), tame(toText(output)))
    return EXIT.done
  })
}

function facts({
  createdAt,
  endedAt,
  cost,
  budget,
  parent,
  forkedFrom,
}: RunView): readonly string[] {
  const times = [
    createdAt === undefined ? undefined : `begun ${dayTime(createdAt)}`,
    endedAt === undefined ? undefined : `ended ${dayTime(endedAt)}`,
    budget === 0n && cost === 0n ? 'free' : `cost ${formatFtns(cost)} of ${formatFtns(budget)}`,
    parent === undefined ? undefined : `begun by ${parent}`,
    forkedFrom === undefined ? undefined : `forked from ${forkedFrom}`,
  ]
  return [times.filter((time) => time !== undefined).join(', ')]
}

/** Where it is in the words of other systems, when it will be done, and what is slow. */
function outlookLines({ paint }: Context, { state, eta, slow }: RunProgress): readonly string[] {
  const when =
    eta === undefined
      ? ''
      : `, done in ${formatDuration(eta.lowMs)} to ${formatDuration(eta.highMs)}, about ${dayTime(eta.finishAt)}`
  const lines = slow.map(({ step, index, forMs, usualMs }) => {
    const name = index === undefined ? step : `${step}[${index}]`
    return paint.yellow(
      `${name} is slow: ${formatDuration(forMs)} so far, 95 of 100 took ${formatDuration(usualMs)} at most`,
    )
  })
  return [`${state}${when}`, ...lines]
}

function toText(output: Json): string {
  return typeof output === 'string' ? output : JSON.stringify(output, null, 2)
}

function toRecord(step: StepView): object {
  const { name, uses, needs, status, attempt, ms, cost, items, error, waitingFor } = step
  return { name, uses, needs, status, attempt, ms, cost, items, error, waitingFor }
}
