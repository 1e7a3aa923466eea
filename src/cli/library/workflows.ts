import type { SavedWorkflow, WorkflowStatus } from '../../client/index.ts'
import { formatFtns } from '../../kernel/money.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { parseReference, workflowStatus } from '../../library/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { requireDefinition, requireValid } from '../definition/load.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { dayTime, relativeTime } from '../text/time.ts'

import { nameOf } from './name.ts'
import { changeWorkflow, plainTable, toYaml } from './output.ts'

/** Options of `prsm workflow save`. */
export interface SaveFlags {
  readonly as?: string
  readonly message?: string
  readonly draft?: boolean
  readonly expect?: number
}

/** `prsm workflow save` */
export async function saveWorkflow(
  context: Context,
  file: string,
  { as, message, draft, expect }: SaveFlags,
): Promise<ExitCode> {
  const loaded = await requireDefinition(context, file)
  return changeWorkflow(
    context,
    async ({ client }) => {
      if (draft !== true) await requireValid(context, client, loaded)
      return client.saveWorkflow({
        definition: loaded.definition,
        ...(as !== undefined && { name: as }),
        ...(message !== undefined && { message }),
        ...(draft !== undefined && { draft }),
        ...(expect !== undefined && { expectedVersion: expect }),
      })
    },
    ({ name, version, status, problems }) =>
      status === 'draft'
        ? `${name} is a draft, version ${version}, with ${problems.length} problems`
        : `${name} is saved, version ${version}`,
  )
}

/** Options of `prsm workflow ls`. */
export interface ListFlags {
  readonly all?: boolean
  readonly status?: string
}

/** `prsm workflow ls` */
export async function listWorkflows(
  context: Context,
  { all = false, status }: ListFlags,
): Promise<ExitCode> {
  const filter = {
    limit: 200,
    others: all,
    ...(status !== undefined && { status: parseStatus(status) }),
  }
  const found = await withSession(context, 'none', async ({ client }) => {
    const each: SavedWorkflow[] = []
    for await (const workflow of client.listWorkflows(filter)) each.push(workflow)
    return each
  })
  if (context.isJson) context.printJson(found.map((each) => toJson(each)))
  else if (found.length === 0) {
    context.note('there is no saved workflow: prsm workflow save FILE saves one')
  } else context.print(...tableOf(context, found))
  return EXIT.done
}

function parseStatus(text: string): WorkflowStatus {
  const parsed = workflowStatus.safeParse(text)
  if (parsed.success) return parsed.data
  const known = workflowStatus.options
  throw new UsageError(`workflows are never "${text}"${didYouMean(text, known)}`, {
    hint: `they are ${known.join(', ')}`,
  })
}

function tableOf(context: Context, found: readonly SavedWorkflow[]): readonly string[] {
  const now = context.clock.now()
  return plainTable(
    context,
    [
      { title: 'WORKFLOW', least: 12 },
      { title: 'STATUS' },
      { title: 'VERSION', align: 'right' },
      { title: 'TAGS', least: 8, spare: 2 },
      { title: 'SHARED', spare: 3 },
      { title: 'CHANGED', align: 'right', spare: 1 },
    ],
    found.map(({ tenant, name, may, status, version, tags, level, updatedAt }) => [
      may.includes('edit') ? name : `${tenant}/${name}`,
      status,
      version.toString(),
      tagText(tags),
      level,
      relativeTime(updatedAt, now),
    ]),
  )
}

function tagText(tags: SavedWorkflow['tags']): string {
  return Object.entries(tags)
    .map(([tag, version]) => `${tag}→${version}`)
    .join(' ')
}

/** `prsm workflow show` */
export async function showWorkflow(
  context: Context,
  text: string,
  { definition: isWanted = false }: { readonly definition?: boolean },
): Promise<ExitCode> {
  const reference = parseReference(text)
  const { workflow, version } = await withSession(context, 'none', async ({ client }) => {
    const found = await client.getWorkflow(reference)
    const wantsVersion = isWanted || reference.version !== undefined
    return {
      workflow: found,
      version: wantsVersion ? await client.getVersion(reference) : undefined,
    }
  })
  if (context.isJson) {
    context.printJson(toJson({ ...workflow, ...(version !== undefined && { shown: version }) }))
  } else if (isWanted && version !== undefined) context.print(await toYaml(version.definition))
  else context.print(...detailsOf(workflow))
  return EXIT.done
}

function detailsOf(workflow: SavedWorkflow): readonly string[] {
  const { tenant, name, owner, description, status, version, hash, tags, level } = workflow
  const { sharedWith = [], price, licence, forkedFrom, problems, updatedAt, may } = workflow
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['workflow', `${tenant}/${name}`],
    ['about', description?.split('\n')[0]],
    ['status', status],
    ['version', `${version} (${hash.slice(0, 19)})`],
    ['tags', tagText(tags) || undefined],
    ['owner', owner],
    ['shared', [level, ...sharedWith].join(' ')],
    ['price', price > 0n ? formatFtns(price) : undefined],
    ['licence', licence],
    ['forked from', forkedFrom],
    ['changed', dayTime(updatedAt)],
    ['you may', may.join(', ')],
  ]
  return [
    ...rows.flatMap(([title, text]) => (text === undefined ? [] : [`${title.padEnd(13)}${text}`])),
    ...problems.map(({ path, message, hint }) =>
      ['problem      ', path, path === '' ? '' : ': ', message, hint ? ` (${hint})` : ''].join(''),
    ),
  ]
}

/** `prsm workflow rm` */
export function removeWorkflow(context: Context, text: string): Promise<ExitCode> {
  const name = nameOf(text)
  return changeWorkflow(
    context,
    ({ client }) => client.deleteWorkflow(name),
    (gone) => `${gone.name} and its versions are gone`,
  )
}

/** `prsm workflow archive` and `unarchive` */
export function archiveWorkflow(
  context: Context,
  text: string,
  isArchived: boolean,
): Promise<ExitCode> {
  const name = nameOf(text)
  return changeWorkflow(
    context,
    ({ client }) => (isArchived ? client.archiveWorkflow(name) : client.unarchiveWorkflow(name)),
    (workflow) => `${workflow.name} is ${workflow.status}`,
  )
}

/** `prsm workflow usage` */
export async function showUsage(context: Context): Promise<ExitCode> {
  const usage = await withSession(context, 'none', ({ client }) => client.libraryUsage())
  if (context.isJson) context.printJson(toJson(usage))
  else {
    context.print(
      `workflows  ${usage.workflows} of ${usage.maxWorkflows}`,
      `versions   ${usage.versions} of ${usage.maxVersions}`,
      `bytes      ${usage.sizeBytes} of ${usage.maxBytes}`,
    )
  }
  return EXIT.done
}
