import { formatDuration } from '../../kernel/duration.ts'
import { isJsonObject, type Json, toJsonObject } from '../../kernel/json.ts'
import { formatFtns } from '../../kernel/money.ts'
import { assertNever } from '../../kernel/result.ts'
import type { RunView } from '../../progress/index.ts'
import type { Session } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describe } from '../report-error.ts'
import { tame } from '../text/width.ts'

import { adviceLines, adviseOn, nextOf } from './advice.ts'
import type { Ending, Followed } from './follow.ts'

/** Tells how the following of a run has ended, and gives the exit code for it. */
export async function reportResult(
  context: Context,
  session: Session,
  followed: Followed,
): Promise<ExitCode> {
  const { view, ending } = followed
  const output = view.output === undefined ? undefined : await inflate(session, view.output)
  const files = await countFiles(session, view.id)
  if (context.isJson) context.printJson(toRecord(followed, output, files))
  else {
    context.note('')
    if (output !== undefined) {
      printOutput(context, output)
      if (context.terminal.err.isInteractive) context.note('')
    }
    context.note(...summaryOf(context, followed), ...whereFiles(session, view.id, files))
    if (view.status === 'failed') context.terminal.err.write(failureText(context, view))
    context.note(...adviceLines(adviseOn(followed)))
  }
  return exitCodeFor(ending, view)
}

/** Exit code of a followed run; one that waits for a person has not failed. */
export function exitCodeFor(ending: Ending, view: RunView): ExitCode {
  switch (ending) {
    case 'ended':
      return view.status === 'completed' ? EXIT.done : EXIT.failed
    case 'waits':
      return EXIT.done
    case 'paused':
      return pausedCode(view)
    case 'interrupted':
    case 'left':
      return EXIT.interrupted
    default:
      return assertNever(ending)
  }
}

function pausedCode({ pause }: RunView): ExitCode {
  if (pause?.reason === 'budget') return EXIT.refused
  return pause?.reason === 'interrupt' ? EXIT.interrupted : EXIT.done
}

/** Writes what a run gave: a text as it is, anything else as JSON. */
export function printOutput({ print, terminal }: Context, output: Json): void {
  const isTerminal = terminal.out.isInteractive
  const text = typeof output === 'string' ? output : JSON.stringify(output, null, 2)
  print(isTerminal ? tame(text) : text)
}

/** A value with its large parts, where they can be fetched. */
export async function inflate({ local }: Session, value: Json): Promise<Json> {
  return local === undefined ? value : local.inflate(value)
}

/** Files in the folder of a run, up to a page of them. */
export async function countFiles({ client }: Session, run: string): Promise<number> {
  if (run === '') return 0
  const { items } = await client.listFiles(run, { limit: 200 }).page()
  return items.length
}

/** Where the files of a run are; nothing when there are none. */
export function whereFiles({ local }: Session, run: string, files: number): readonly string[] {
  if (files === 0) return []
  const count = `${files === 200 ? '200 or more' : files} file${files === 1 ? '' : 's'}`
  return [
    local === undefined ? `${count} on the server` : `${count} in ${local.platform.folderOf(run)}`,
  ]
}

/** Which step has failed, with what, and what can be done about it; empty when none has. */
export function failureText(context: Context, { failure }: RunView): string {
  if (failure === undefined) return ''
  const { step, error } = failure
  const message = step === undefined ? error.message : `step ${step}: ${error.message}`
  return describe(context, { ...error, message })
}

function summaryOf({ notePaint }: Context, { ending, view }: Followed): readonly string[] {
  const { id, status, elapsedMs, cost, budget, speedUp = 0 } = view
  const isLeftWaiting = ending === 'interrupted' && status === 'waiting'
  const state = ending === 'ended' ? status : isLeftWaiting ? 'is left waiting' : STATES[ending]
  const colour =
    status === 'completed' ? notePaint.green : ending === 'ended' ? notePaint.red : notePaint.yellow
  const facts = [`after ${formatDuration(elapsedMs)}`]
  if (status === 'completed' && speedUp >= 1.05)
    facts.push(`${speedUp.toFixed(1)} times as fast as step after step`)
  facts.push(
    budget === 0n && cost === 0n ? 'free' : `cost ${formatFtns(cost)} of ${formatFtns(budget)}`,
  )
  return [`${notePaint.bold(id)} ${colour(state)} ${facts.join(', ')}`]
}

const STATES: Readonly<Record<Exclude<Ending, 'ended'>, string>> = {
  waits: 'waits for somebody',
  paused: 'paused',
  interrupted: 'interrupted',
  left: 'goes on without being watched',
}

/** The result as programs read it; `id` and `status` are those of the run. */
function toRecord({ ending, view }: Followed, output: Json | undefined, files: number): Json {
  const { id, name, status, cost, budget, elapsedMs, sequentialMs, failure, percent } = view
  return {
    id,
    name,
    status,
    ending,
    percent,
    ...(output !== undefined && { output }),
    ...(failure !== undefined && { error: toJsonObject(failure.error) }),
    ...(failure?.step !== undefined && { failedStep: failure.step }),
    cost: cost.toString(),
    budget: budget.toString(),
    elapsedMs,
    sequentialMs,
    files,
    ...nextOf(adviseOn({ ending, view })),
    ...waitsOf(view),
  }
}

/** What a run waits for, as programs read it; nothing when it does not. */
export function waitsOf({ steps }: RunView): { readonly waitsFor?: Json } {
  const waiting = steps.filter(
    ({ waitingFor, units }) => units.waiting > 0 && waitingFor !== undefined,
  )
  if (waiting.length === 0) return {}
  const list = waiting.map(({ name, waitingFor = { for: 'signal' } }): Json => {
    const wait: Json = JSON.parse(JSON.stringify(waitingFor))
    return { step: name, ...(isJsonObject(wait) && wait) }
  })
  return { waitsFor: list }
}
