import type { DefinitionDiff, UpgradeReport, WorkflowVersion } from '../../client/index.ts'
import { parseDurationMs } from '../../kernel/duration.ts'
import { parseReference } from '../../library/index.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { requireDefinition, requireValid } from '../definition/load.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { dayTime } from '../text/time.ts'
import { tame, tameLine } from '../text/width.ts'

import { nameOf } from './name.ts'
import { change, changeWorkflow, plainTable } from './output.ts'

/** `prsm workflow versions` */
export async function listVersions(context: Context, text: string): Promise<ExitCode> {
  const name = nameOf(text)
  const found = await withSession(context, 'none', ({ client }) => client.listVersions(name))
  if (context.isJson) context.printJson(found.map((each) => toJson(each)))
  else {
    context.print(
      ...plainTable(
        context,
        [
          { title: 'VERSION', align: 'right' },
          { title: 'WHEN' },
          { title: 'HASH', spare: 2 },
          { title: 'TAGS' },
          { title: 'RUNS', align: 'right', spare: 1 },
          { title: 'WHO', least: 8, spare: 3 },
          { title: 'WHY', least: 12 },
        ],
        found.map(rowOf),
      ),
    )
  }
  return EXIT.done
}

function rowOf(each: WorkflowVersion): readonly string[] {
  const { version, at, hash, tags, runs, author, message, isDraft } = each
  return [
    version.toString(),
    dayTime(at),
    hash.slice(7, 19),
    [...tags, ...(isDraft ? ['(draft)'] : [])].join(' '),
    runs.toString(),
    author,
    tameLine(message),
  ]
}

/** `prsm workflow diff`: without versions, what the newest one changed. */
export async function diffVersions(
  context: Context,
  ...[text, from, to]: readonly [string, string | undefined, string | undefined]
): Promise<ExitCode> {
  const name = nameOf(text)
  const diff = await withSession(context, 'none', async ({ client }) => {
    const version = from ?? (await beforeNewest(client, name))
    return client.diffVersions({ ...name, version }, to)
  })
  if (context.isJson) context.printJson(toJson(diff))
  else context.print(...diffLines(context, diff))
  return EXIT.done
}

async function beforeNewest(
  client: Session['client'],
  name: Parameters<Session['client']['listVersions']>[0],
): Promise<string> {
  const [newest, before] = await client.listVersions(name)
  return (before ?? newest)?.version.toString() ?? 'latest'
}

function diffLines({ paint }: Context, { isEqual, text }: DefinitionDiff): readonly string[] {
  if (isEqual) return ['nothing differs']
  const paints: Readonly<Record<string, (line: string) => string>> = {
    '+': paint.green,
    '-': paint.red,
    '~': paint.yellow,
  }
  return text.map((line) => (paints[line.trimStart().charAt(0)] ?? String)(tame(line)))
}

/** `prsm workflow restore` */
export function restoreVersion(
  context: Context,
  ...[text, version, flags]: readonly [string, string, { readonly message?: string }]
): Promise<ExitCode> {
  const name = nameOf(text)
  return changeWorkflow(
    context,
    ({ client }) => client.restoreVersion(name, { version, ...flags }),
    (restored) => `version ${restored.version} of ${restored.name} is version ${version} again`,
  )
}

/** `prsm workflow tag`; without a version, the newest one. */
export function tagVersion(
  context: Context,
  ...[text, tag, flags]: readonly [string, string, { readonly remove?: boolean }]
): Promise<ExitCode> {
  const { version, ...name } = parseReference(text)
  return changeWorkflow(
    context,
    ({ client }) =>
      flags.remove === true
        ? client.untagVersion(name, tag)
        : client.tagVersion(name, { tag, ...(version !== undefined && { version }) }),
    (tagged) =>
      flags.remove === true
        ? `${tagged.name} has no tag ${tag} any more`
        : `${tagged.name}@${tag} is version ${tagged.tags[tag] ?? ''}`,
  )
}

/** Options of `prsm workflow prune`. */
export interface PruneFlags {
  readonly keep?: number
  readonly olderThan?: string
}

/** `prsm workflow prune` */
export function pruneVersions(
  context: Context,
  text: string,
  { keep, olderThan }: PruneFlags,
): Promise<ExitCode> {
  const name = nameOf(text)
  const request = {
    ...(keep !== undefined && { keep }),
    ...(olderThan !== undefined && { olderThanMs: parseDurationMs(olderThan) }),
  }
  return change(
    context,
    ({ client }) => client.pruneVersions(name, request),
    ({ removed, kept }) => `${removed.length} versions are gone, ${kept} are kept`,
  )
}

/** `prsm workflow check-upgrade` */
export async function checkUpgrade(
  context: Context,
  text: string,
  file: string,
): Promise<ExitCode> {
  const name = nameOf(text)
  const loaded = await requireDefinition(context, file)
  const report = await withSession(context, 'none', async ({ client }) => {
    await requireValid(context, client, loaded)
    return client.checkUpgrade(name, { definition: loaded.definition })
  })
  if (context.isJson) context.printJson(toJson(report))
  else context.print(...diffLines(context, report.diff), ...verdictLines(context, report))
  return report.runs.some(({ verdict }) => verdict === 'breaks') ? EXIT.failed : EXIT.done
}

function verdictLines({ paint }: Context, { runs }: UpgradeReport): readonly string[] {
  if (runs.length === 0) return ['', 'no run is under way']
  const paints = { safe: paint.green, differs: paint.yellow, breaks: paint.red }
  return [
    '',
    ...runs.flatMap(({ run, verdict, reasons }) => [
      `${run}  ${paints[verdict](verdict)}`,
      ...reasons.map((reason) => `  ${tameLine(reason)}`),
    ]),
  ]
}
