import type { Client, RunRecord, RunUpgradeReport } from '../../client/index.ts'
import { sleep } from '../../kernel/clock.ts'
import { hashJson } from '../../kernel/hash.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { type LoadedDefinition, requireDefinition, requireValid } from '../definition/load.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { toJson } from '../text/json.ts'

/** Options of `prsm upgrade`. */
export interface UpgradeFlags {
  readonly definition: string
  readonly check?: boolean
  readonly workflow?: string
}

/** How long is waited for a run to change its definition, milliseconds, and how often it is looked at. */
const PATIENCE_MS = 5_000
const LOOK_EVERY_MS = 50

/** `prsm upgrade`: moves a run to another definition, or says what that would mean. */
export async function upgradeRuns(
  context: Context,
  given: string | undefined,
  flags: UpgradeFlags,
): Promise<ExitCode> {
  const { check = false } = flags
  if (!check && given === undefined) {
    throw new UsageError('name a run, or look first with --check', {
      hint: `prsm upgrade --check --definition ${flags.definition}`,
    })
  }
  const loaded = await requireDefinition(context, flags.definition)
  return withSession(context, check ? 'none' : 'own', async (session) => {
    await requireValid(context, session.client, loaded)
    const run = given === undefined ? undefined : await findRun(session.client, given)
    if (check || run === undefined) {
      const reports = await collect(session.client, loaded, { run, name: flags.workflow })
      return showReports(context, reports)
    }
    return move(context, session, { run, definition: loaded.definition })
  })
}

async function collect(
  client: Client,
  { definition }: LoadedDefinition,
  { run, name }: { readonly run: string | undefined; readonly name: string | undefined },
): Promise<readonly RunUpgradeReport[]> {
  const reports: RunUpgradeReport[] = []
  let before: string | undefined
  do {
    const page = await client.checkUpgrades({
      definition,
      ...(run !== undefined && { run }),
      ...(name !== undefined && { name }),
      ...(before !== undefined && { before }),
    })
    reports.push(...page.items)
    before = page.next
  } while (before !== undefined)
  return reports
}

function showReports(context: Context, reports: readonly RunUpgradeReport[]): ExitCode {
  const broken = reports.filter(({ verdict }) => verdict === 'breaks')
  if (context.isJson) context.printJson(reports.map(toJson))
  else if (reports.length === 0) context.note('no run of it is unfinished')
  else {
    context.print(...reports.flatMap((report) => reportLines(context, report)))
    context.note(`${reports.length} runs, ${broken.length} would break`)
  }
  return broken.length === 0 ? EXIT.done : EXIT.failed
}

function reportLines({ paint }: Context, report: RunUpgradeReport): readonly string[] {
  const { run, status, verdict, problems, kept, again, added, leftOut } = report
  const colour = verdict === 'breaks' ? paint.red : paint.green
  const text = {
    compatible: 'compatible',
    busy: 'compatible once it is paused or waits',
    breaks: 'would break',
    same: 'has this definition',
  }[verdict]
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['keeps the results of', kept],
    ['begins again', again],
    ['has in addition', added],
    ['does not see', leftOut],
  ]
  return [
    `${run} ${status}  ${colour(text)}`,
    ...problems.map(({ message }) => `  ${message}`),
    ...lists.flatMap(([what, names]) =>
      names.length === 0 ? [] : [paint.dim(`  ${what} ${names.join(', ')}`)],
    ),
  ]
}

interface Moving {
  readonly run: string
  readonly definition: JsonObject
}

async function move(
  context: Context,
  { client, local }: Session,
  { run, definition }: Moving,
): Promise<ExitCode> {
  const wanted = hashJson(definition)
  let record: RunRecord = await client.upgradeRun(run, { definition })
  // A run that nobody drives hears of nothing: it is taken up here for as long as it needs.
  if (record.definition !== wanted) await local?.platform.engine?.take(run)
  const until = context.clock.now() + PATIENCE_MS
  while (record.definition !== wanted && context.clock.now() < until) {
    await sleep(context.clock, LOOK_EVERY_MS)
    record = await client.getRun(run)
  }
  const isDone = record.definition === wanted
  const { id, status } = record
  if (context.isJson) context.printJson({ id, status, definition: record.definition, isDone })
  else {
    context.print(
      isDone
        ? `${id} goes on under the definition ${wanted}`
        : `${id} has not changed its definition`,
    )
    context.note(isDone ? `go on with: prsm resume ${id}` : `see why with: prsm why ${id}`)
  }
  return isDone ? EXIT.done : EXIT.failed
}
