import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import type { Converted, ImportedBundle } from '../../client/index.ts'
import { isErrno } from '../../kernel/errno.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { convertRequest, isBundle } from '../../library/index.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { FileError, UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { tameLine } from '../text/width.ts'

import { nameOf } from './name.ts'
import { changeWorkflow, toYaml, writeNew } from './output.ts'

/** Options of `prsm workflow import` and `lint`. */
export interface ImportFlags {
  readonly as?: string
  readonly map?: string
  readonly out?: string
  readonly draft?: boolean
  readonly trust?: boolean
}

/** `prsm workflow export` */
export async function exportWorkflow(
  context: Context,
  text: string,
  { out }: { readonly out?: string },
): Promise<ExitCode> {
  const name = nameOf(text)
  const bundle = await withSession(context, 'none', ({ client }) => client.exportBundle(name))
  if (out === undefined) context.terminal.out.write(bundle)
  else {
    await writeNew(out, bundle)
    if (context.isJson) context.printJson({ file: out })
    else context.print(`${out} is written`)
  }
  return EXIT.done
}

/** `prsm workflow import`: a bundle, or a workflow of another system. */
export async function importWorkflow(
  context: Context,
  file: string,
  flags: ImportFlags,
): Promise<ExitCode> {
  const text = await readText(file)
  if (isBundle(text)) return importBundle(context, text, flags)
  const converted = await convertFile(context, text, { file, flags })
  showFindings(context, converted, file)
  const hasErrors = converted.findings.some(({ severity }) => severity === 'error')
  if (hasErrors && flags.draft !== true) {
    throw new UsageError(`${file} cannot be brought over as it is`, {
      hint: 'prsm workflow lint says why; --draft keeps what fits, to be worked on',
      details: { findings: toJson(converted.findings) },
    })
  }
  const { definition, format } = converted
  if (flags.out !== undefined) {
    await writeNew(flags.out, `${await toYaml(definition)}\n`)
    if (context.isJson) context.printJson(toJson(converted))
    else context.print(`${flags.out} is written`)
    return EXIT.done
  }
  return changeWorkflow(
    context,
    ({ client }) =>
      client.saveWorkflow({
        definition,
        message: `from ${format}`,
        ...(flags.draft !== undefined && { draft: flags.draft }),
      }),
    ({ name, status, version }) => `${name} is ${status}, version ${version}`,
  )
}

async function importBundle(
  context: Context,
  text: string,
  { as, trust }: ImportFlags,
): Promise<ExitCode> {
  const request = {
    text,
    ...(as !== undefined && { name: as }),
    ...(trust !== undefined && { trust }),
  }
  const taken: ImportedBundle = await withSession(context, 'none', ({ client }) =>
    client.importBundle(request),
  )
  if (context.isJson) context.printJson(toJson(taken))
  else {
    const { workflow, signer, modules } = taken
    context.print(`${workflow.name} is ${workflow.status}, version ${workflow.version}`)
    context.note(`signed by ${signer}`)
    for (const { step, module, digest = '' } of modules)
      context.note(tameLine(`step ${step} needs ${module} ${digest}`))
  }
  return EXIT.done
}

/** `prsm workflow lint` */
export async function lintWorkflow(
  context: Context,
  file: string,
  flags: ImportFlags,
): Promise<ExitCode> {
  const converted = await convertFile(context, await readText(file), { file, flags })
  if (context.isJson) context.printJson(toJson(converted))
  else {
    showFindings(context, converted, file)
    const count = converted.findings.length
    context.print(
      count === 0 ? `${file} fits` : `${file}: ${count} ${count === 1 ? 'finding' : 'findings'}`,
    )
  }
  const hasErrors = converted.findings.some(({ severity }) => severity === 'error')
  return hasErrors ? EXIT.failed : EXIT.done
}

function showFindings(
  { isJson, terminal, notePaint: paint }: Context,
  { findings }: Converted,
  file: string,
): void {
  if (isJson) return
  for (const { severity, path, message, hint } of findings) {
    const word = severity === 'error' ? paint.red('error:') : paint.yellow('warning:')
    terminal.err.write(`${paint.bold(`${file}#${path}`)} ${word} ${tameLine(message)}\n`)
    if (hint !== undefined) terminal.err.write(`  ${paint.cyan('hint:')} ${tameLine(hint)}\n`)
  }
}

interface Source {
  readonly file: string
  readonly flags: ImportFlags
}

async function convertFile(
  context: Context,
  text: string,
  { file, flags: { as, map } }: Source,
): Promise<Converted> {
  const document = parseObject(file, text)
  const resources = map === undefined ? {} : await readMapping(map)
  const named = as ?? nameFrom(file)
  const request = { document, ...resources, ...(named !== undefined && { name: named }) }
  return withSession(context, 'none', ({ client }: Session) => client.convertDefinition(request))
}

/** A state machine has no name of its own. */
function nameFrom(file: string): string | undefined {
  const [, name] = /([^/\\]+?)(?:\.asl)?\.json$/.exec(file) ?? []
  return name?.slice(0, 64)
}

async function readMapping(file: string): Promise<{ readonly resources?: Resources }> {
  const { resources } = parseObject(file, await readText(file))
  const parsed = convertRequest.shape.resources.safeParse(resources)
  if (parsed.success && parsed.data !== undefined)
    return { resources: withModulesIn(dirname(resolve(file)), parsed.data) }
  throw new UsageError(`${file} maps no resources`, {
    hint: 'write {"resources": {"NAME": {"uses": "code", "with": {"module": "…", "function": "…"}}}}',
  })
}

/** Modules are named relative to the file that names them. */
function withModulesIn(folder: string, resources: Resources): Resources {
  return Object.fromEntries(
    Object.entries(resources).map(([name, { with: given = {}, ...mapping }]) => {
      const { module } = given
      const found = typeof module === 'string' ? { module: resolve(folder, module) } : {}
      return [name, { ...mapping, with: { ...given, ...found } }]
    }),
  )
}

type Resources = NonNullable<Parameters<Session['client']['convertDefinition']>[0]['resources']>

function parseObject(file: string, text: string): JsonObject {
  try {
    const json: Json = JSON.parse(text)
    if (isJsonObject(json)) return json
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault
    throw new UsageError(`${file} is not JSON: ${fault.message}`, { cause: fault })
  }
  throw new UsageError(`${file} is not a map in JSON`)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (fault) {
    if (isErrno(fault)) throw new FileError(file, fault)
    throw fault
  }
}
