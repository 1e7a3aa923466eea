import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { sha256 } from '../kernel/hash.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import { ok, refuse, type Result } from '../kernel/result.ts'

import { parseSource, type SourceDocument } from './definition/document.ts'
import type { Problem } from './definition/schema.ts'
import { UnreadableDefinitionError } from './errors.ts'

/** Deepest nesting of workflows that run workflows from files: a file that names itself ends here. */
const MAX_FILES_DEEP = 8

/**
 * Reads a definition from a file, and makes it whole.
 *
 * @remarks What it names relative to itself is resolved: modules of `code` steps (with the digest of
 * what they hold now), defaults of inputs that name files, and workflows in other files, which are
 * written in place. What comes out can be stored and run anywhere the same paths exist.
 *
 * @returns the definition, with the places of its text; or what is wrong with the text.
 * @throws {@link UnreadableDefinitionError} a file cannot be read.
 */
export async function loadDefinition(
  file: string,
): Promise<Result<SourceDocument, readonly Problem[]>> {
  return load(resolve(file), 0)
}

async function load(
  file: string,
  depth: number,
): Promise<Result<SourceDocument, readonly Problem[]>> {
  const source = parseSource(await readText(file), file)
  if (!source.ok || !isJsonObject(source.value.value)) return source
  const folder = dirname(file)
  const { steps, inputs, ...rest } = source.value.value
  const resolved: Record<string, Json> = { ...rest }
  if (inputs !== undefined) resolved['inputs'] = resolveDefaults(inputs, folder)
  if (steps !== undefined) {
    const done = await resolveSteps(steps, { folder, depth })
    if (!done.ok) return done
    resolved['steps'] = done.value
  }
  return ok({ ...source.value, value: resolved })
}

/** Defaults of inputs that name files are relative to the definition, not to the caller. */
function resolveDefaults(inputs: Json, folder: string): Json {
  if (!isJsonObject(inputs) || !isJsonObject(inputs['properties'])) return inputs
  const properties = Object.entries(inputs['properties']).map(([name, schema]) => {
    if (!isJsonObject(schema)) return [name, schema] as const
    const { format, default: value } = schema
    const isFile = format === 'file' || format === 'directory'
    if (!isFile || typeof value !== 'string' || value === '') return [name, schema] as const
    return [name, { ...schema, default: resolve(folder, value) }] as const
  })
  return { ...inputs, properties: Object.fromEntries(properties) }
}

interface Where {
  readonly folder: string
  readonly depth: number
}

async function resolveSteps(steps: Json, where: Where): Promise<Result<Json, readonly Problem[]>> {
  if (!isJsonObject(steps)) return ok(steps)
  const resolved: Record<string, Json> = {}
  for (const [name, step] of Object.entries(steps)) {
    const done = await resolveStep(step, where)
    if (!done.ok) return done
    resolved[name] = done.value
  }
  return ok(resolved)
}

async function resolveStep(step: Json, where: Where): Promise<Result<Json, readonly Problem[]>> {
  if (!isJsonObject(step)) return ok(step)
  const resolved = await resolveCode(step, where.folder)
  const { uses, with: parameters } = resolved
  if (uses !== 'workflow' || !isJsonObject(parameters)) return ok(resolved)
  const { file, ...rest } = parameters
  return typeof file === 'string' ? inPlace(resolved, { ...where, file, rest }) : ok(resolved)
}

/** The module of a `code` step, and that of the one which undoes it. */
async function resolveCode(step: JsonObject, folder: string): Promise<JsonObject> {
  const { uses, with: parameters, compensate, cleanup } = step
  const isCode = uses === 'code' && isJsonObject(parameters)
  return {
    ...step,
    ...(isCode && { with: await resolveModule(parameters, folder) }),
    ...(isJsonObject(compensate) && { compensate: await resolveCode(compensate, folder) }),
    ...(isJsonObject(cleanup) && { cleanup: await resolveCode(cleanup, folder) }),
  }
}

async function resolveModule(parameters: JsonObject, folder: string): Promise<JsonObject> {
  const { module } = parameters
  if (typeof module !== 'string' || module.includes('{%')) return parameters
  const path = resolve(folder, module)
  return { ...parameters, module: path, digest: sha256(await readText(path)) }
}

interface Named extends Where {
  readonly file: string
  /** The other parameters of the step. */
  readonly rest: JsonObject
}

/** Writes the workflow of another file in the place of its name. */
async function inPlace(
  step: JsonObject,
  { folder, depth, file, rest }: Named,
): Promise<Result<Json, readonly Problem[]>> {
  const path = resolve(folder, file)
  if (depth === MAX_FILES_DEEP) {
    const message = `workflows in files are nested more than ${MAX_FILES_DEEP} deep; does ${path} name itself?`
    return refuse([{ code: 'workflow.syntax', message, file: path, path: '' }])
  }
  const child = await load(path, depth + 1)
  return child.ok ? ok({ ...step, with: { ...rest, definition: child.value.value } }) : child
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) throw new UnreadableDefinitionError(file, fault)
    throw fault
  }
}
