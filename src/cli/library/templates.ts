import { readFile } from 'node:fs/promises'

import { parse as parseYaml, YAMLParseError } from 'yaml'

import type {
  CreateTemplateRequest,
  ParameterChoice,
  Template,
  TemplateDocument,
} from '../../client/index.ts'
import { isErrno } from '../../kernel/errno.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { formatFtns, parseFtns } from '../../kernel/money.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { templateCategory, templateDocument } from '../../library/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { readInputs } from '../definition/read-inputs.ts'
import { FileError, UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { tameLine } from '../text/width.ts'

import { nameOf } from './name.ts'
import { change, plainTable, toYaml, writeNew } from './output.ts'

/** Options of `prsm template create`. */
export interface CreateFlags {
  readonly from?: string
  readonly as?: string
  readonly category?: string
  readonly param?: readonly string[]
  readonly description?: string
  readonly price?: string
  readonly licence?: string
  readonly public?: boolean
}

/** `prsm template create` */
export async function createTemplate(
  context: Context,
  file: string | undefined,
  flags: CreateFlags,
): Promise<ExitCode> {
  const request = await createRequest(file, flags)
  return change(
    context,
    ({ client }) => client.createTemplate(request),
    ({ name, revision, category }) => `${name} is a template of ${category}, revision ${revision}`,
  )
}

async function createRequest(
  file: string | undefined,
  flags: CreateFlags,
): Promise<CreateTemplateRequest> {
  const { from, as, category, param = [], price, description, licence } = flags
  if ((file === undefined) === (from === undefined)) {
    throw new UsageError('give either a file of a template, or a saved workflow with --from')
  }
  const terms = {
    ...(description !== undefined && { description }),
    ...(price !== undefined && { price: parseFtns(price) }),
    ...(licence !== undefined && { licence }),
    ...(flags.public !== undefined && { public: flags.public }),
    ...(as !== undefined && { name: as }),
  }
  if (from !== undefined) {
    const parameters = param.map(parseChoice)
    const chosen = parseCategory(category ?? 'custom')
    return { from: { workflow: from, parameters, category: chosen, ...terms } }
  }
  const document = await readTemplate(file ?? '')
  const chosen = category === undefined ? {} : { category: parseCategory(category) }
  return { template: { ...document, ...chosen, ...terms } }
}

function parseChoice(text: string): ParameterChoice {
  const [, name = '', path = ''] = /^([^=]+)=(\/.*)$/.exec(text) ?? []
  if (name !== '') return { name, path }
  throw new UsageError(`"${text}" does not name a parameter`, {
    hint: 'write NAME=/steps/STEP/with/FIELD: the value there becomes a parameter',
  })
}

/** @throws {@link UsageError} */
export function parseCategory(text: string): Template['category'] {
  const parsed = templateCategory.safeParse(text)
  if (parsed.success) return parsed.data
  const known = templateCategory.options
  throw new UsageError(`there is no category "${text}"${didYouMean(text, known)}`, {
    hint: `categories are ${known.join(', ')}`,
  })
}

/** A template as it stands in a file; its price is written in FTNS there. */
async function readTemplate(file: string): Promise<TemplateDocument> {
  const value = parseDocument(file, await readText(file))
  if (!isJsonObject(value)) throw new UsageError(`${file} holds no template: it is not a map`)
  const { price, ...rest } = value
  const text = typeof price === 'number' ? price.toString() : price
  if (text !== undefined && typeof text !== 'string')
    throw new UsageError(`${file}: "price" is no amount`)
  const parsed = templateDocument.safeParse({
    ...rest,
    ...(text !== undefined && { price: parseFtns(text).toString() }),
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UsageError(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, {
    hint: 'docs/library.md says how templates are written',
  })
}

function parseDocument(file: string, text: string): Json {
  try {
    const value: unknown = parseYaml(text, { maxAliasCount: 100 })
    const json: Json = JSON.parse(JSON.stringify(value ?? null))
    return json
  } catch (fault) {
    if (!(fault instanceof YAMLParseError)) throw fault
    throw new UsageError(`${file}: ${fault.message.split('\n')[0] ?? ''}`, { cause: fault })
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (fault) {
    if (isErrno(fault)) throw new FileError(file, fault)
    throw fault
  }
}

/** `prsm template ls` */
export async function listTemplates(
  context: Context,
  { category }: { readonly category?: string },
): Promise<ExitCode> {
  const filter = category === undefined ? {} : { category: parseCategory(category) }
  const found = await withSession(context, 'none', ({ client }) => client.listTemplates(filter))
  if (context.isJson) context.printJson(found.map((each) => toJson(each)))
  else if (found.length === 0) context.note('there is no such template')
  else {
    context.print(
      ...plainTable(
        context,
        [
          { title: 'TEMPLATE' },
          { title: 'CATEGORY' },
          { title: 'PRICE', align: 'right', spare: 2 },
          { title: 'USES', align: 'right', spare: 3 },
          { title: 'STARS', align: 'right', spare: 1 },
          { title: 'ABOUT', least: 16 },
        ],
        found.map((each) => [
          `${each.tenant}/${each.name}`,
          each.category,
          priceText(each),
          each.uses.toString(),
          starsText(each),
          tameLine(each.description?.split('\n')[0] ?? ''),
        ]),
      ),
    )
  }
  return EXIT.done
}

function priceText({ price }: Template): string {
  return price === 0n ? 'free' : formatFtns(price)
}

function starsText({ rating, ratings }: Template): string {
  return rating === undefined ? '' : `${rating.toFixed(1)} (${ratings})`
}

/** `prsm template show` */
export async function showTemplate(context: Context, text: string): Promise<ExitCode> {
  const name = nameOf(text)
  const found = await withSession(context, 'none', ({ client }) => client.getTemplate(name))
  if (context.isJson) context.printJson(toJson(found))
  else {
    const { tenant, category, description, licence, revision, forkedFrom } = found
    const rows: readonly (readonly [string, string | undefined])[] = [
      ['template', `${tenant}/${found.name}, revision ${revision}`],
      ['category', category],
      ['about', description],
      ['price', priceText(found)],
      ['licence', licence],
      ['forked from', forkedFrom],
      ['used', `${found.uses} times`],
      ['stars', starsText(found) || undefined],
    ]
    context.print(
      ...rows.flatMap(([title, value]) =>
        value === undefined ? [] : [`${title.padEnd(13)}${tameLine(value)}`],
      ),
      '',
      await toYaml({ parameters: found.parameters, definition: found.definition }),
    )
  }
  return EXIT.done
}

/** Options of `prsm template use`. */
export interface UseFlags {
  readonly set?: readonly string[]
  readonly as?: string
  readonly out?: string
}

/** `prsm template use` */
export async function useTemplate(
  context: Context,
  text: string,
  { set = [], as, out }: UseFlags,
): Promise<ExitCode> {
  const name = nameOf(text)
  const used = await withSession(context, 'none', async ({ client }) => {
    const { parameters: schema } = await client.getTemplate(name)
    const parameters = await readInputs(context, { inputs: schema }, { input: set })
    return client.useTemplate(name, { parameters, ...(as !== undefined && { as }) })
  })
  const yaml = await toYaml(used.definition)
  if (out !== undefined) await writeNew(out, `${yaml}\n`)
  if (context.isJson) context.printJson(toJson(used))
  else {
    if (out === undefined && as === undefined) context.print(yaml)
    if (out !== undefined) context.print(`${out} is written`)
    if (used.workflow !== undefined) {
      context.print(`${used.workflow.name} is saved, version ${used.workflow.version}`)
    }
    if (used.paid > 0n) context.note(`paid ${formatFtns(used.paid)} to its author`)
  }
  return EXIT.done
}

/** `prsm template fork` */
export function forkTemplate(
  context: Context,
  text: string,
  { as }: { readonly as?: string },
): Promise<ExitCode> {
  const name = nameOf(text)
  return change(
    context,
    ({ client }) => client.forkTemplate(name, as === undefined ? {} : { name: as }),
    (forked) => `${forked.name} is forked from ${forked.forkedFrom ?? ''}`,
  )
}

/** `prsm template rate` */
export function rateTemplate(context: Context, text: string, stars: number): Promise<ExitCode> {
  const name = nameOf(text)
  return change(
    context,
    ({ client }) => client.rateTemplate(name, { stars }),
    (rated) => `${rated.tenant}/${rated.name} has ${starsText(rated)}`,
  )
}

/** `prsm template rm` */
export function removeTemplate(context: Context, text: string): Promise<ExitCode> {
  const name = nameOf(text)
  return change(
    context,
    ({ client }) => client.deleteTemplate(name),
    (gone) => `${gone.name} is gone`,
  )
}
