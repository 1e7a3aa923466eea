import type { Client, Event, Moment, Verification } from '../../client/index.ts'
import type { Json } from '../../kernel/json.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { toJson } from '../text/json.ts'
import { type Cell, renderTable } from '../text/table.ts'
import { dayTime } from '../text/time.ts'
import { cut, tame, tameLine } from '../text/width.ts'

/** Options of `prsm debug`. */
export interface DebugFlags {
  readonly at?: string
  readonly state?: boolean
  readonly verify?: boolean
}

/** `prsm debug`: any place of the history of a run. */
export async function debugRun(
  context: Context,
  given: string,
  { at, state = false, verify = false }: DebugFlags,
): Promise<ExitCode> {
  if (verify && at !== undefined)
    throw new UsageError('--verify looks at the whole history, not at one place')
  return withSession(context, 'none', async ({ client }) => {
    const run = await findRun(client, given)
    if (verify) return showVerification(context, await client.verifyRun(run))
    if (at === undefined) return listPlaces(context, client, run)
    const moment = await client.getMoment(run, at)
    if (context.isJson) context.printJson(toJson(moment))
    else context.print(...momentLines(context, moment, state))
    return EXIT.done
  })
}

async function listPlaces(context: Context, client: Client, run: string): Promise<ExitCode> {
  const events: Event[] = []
  for await (const event of client.listEvents(run, { limit: 200 })) events.push(event)
  if (context.isJson) {
    context.printJson(
      events.map(({ version, at, kind, data }) => ({ version, at, kind, unit: unitOf(data) })),
    )
    return EXIT.done
  }
  const { terminal, paint, glyphs } = context
  context.print(
    ...renderTable({
      columns: [
        { title: 'AT', align: 'right' },
        { title: 'TIME', spare: 1 },
        { title: 'EVENT' },
        { title: 'STEP', least: 8 },
      ],
      rows: events.map(({ version, at, kind, data }): readonly Cell[] => [
        { text: version.toString() },
        { text: dayTime(at), paint: paint.dim },
        { text: kind },
        { text: unitOf(data) },
      ]),
      width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
      paintTitle: paint.dim,
      ellipsis: glyphs.ellipsis,
    }),
  )
  context.note(`look at one of them with: prsm debug ${run} --at STEP or --at NUMBER`)
  return EXIT.done
}

/** `read` or `read[7]`; empty for events of the run as a whole. */
function unitOf({ step, index }: Event['data']): string {
  if (typeof step !== 'string') return ''
  return typeof index === 'number' ? `${step}[${index}]` : step
}

function momentLines({ paint }: Context, moment: Moment, hasState: boolean): readonly string[] {
  const { version, of, at, kind, data, changes, after, run } = moment
  const lines = [
    `${paint.bold(kind)} ${unitOf(data)}  ${paint.dim(`${version} of ${of}, ${dayTime(at)}`)}`,
    ...seenLines(moment, paint.dim),
    '',
    paint.dim('state'),
    ...changes.map(
      ({ path, before, after: now }) => `  ${path}  ${short(before)} ${ARROW} ${short(now)}`,
    ),
  ]
  if (hasState) lines.push('', paint.dim('state after it'), tame(JSON.stringify(after, null, 2)))
  const next = version < of ? [`  prsm debug ${run} --at ${version + 1}`] : []
  const previous = version > 1 ? [`  prsm debug ${run} --at ${version - 1}`] : []
  return [...lines, '', paint.dim('before and after it'), ...previous, ...next]
}

function seenLines({ seen }: Moment, dim: (text: string) => string): readonly string[] {
  if (seen === undefined) return []
  const { inputs, steps, item, parameters, problem, output, error, uses, attempt } = seen
  const parts: readonly (readonly [string, Json | undefined])[] = [
    ['inputs', inputs],
    ['needed steps', Object.keys(steps).length === 0 ? undefined : steps],
    ['item', item],
    [`given to "${uses}", try ${attempt}`, parameters],
    ['could not be given', problem === undefined ? undefined : toJson(problem)],
    ['output', output],
    ['error', error === undefined ? undefined : toJson(error)],
  ]
  return parts.flatMap(([title, value]) =>
    value === undefined ? [] : ['', dim(title), tame(JSON.stringify(value, null, 2))],
  )
}

const ARROW = '->'
/** Longest value in a line of changes. */
const SHORT = 60

function short(value: Json | undefined): string {
  if (value === undefined) return '(nothing)'
  const text = tameLine(JSON.stringify(value))
  return cut(text, SHORT, '…')
}

function showVerification(context: Context, found: Verification): ExitCode {
  const { isIntact, events, chain, snapshot, adopted, problems, run } = found
  if (context.isJson) context.printJson(toJson(found))
  else {
    context.print(
      isIntact
        ? `${run}: ${events} events fold, and everything stored agrees with them`
        : `${run}: ${problems.length === 1 ? 'a problem' : `${problems.length} problems`} in ${events} events`,
      ...problems.map(
        ({ version, message }) => `  ${version === undefined ? '' : `at ${version}: `}${message}`,
      ),
      `chain     ${chain}`,
      `state     ${found.stateHash}`,
      ...(snapshot === undefined ? [] : [`snapshot  at ${snapshot}`]),
      ...(adopted === 0 ? [] : [`adopted   ${adopted} results`]),
    )
  }
  return isIntact ? EXIT.done : EXIT.failed
}
