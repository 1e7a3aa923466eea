import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { parse as parseYaml, YAMLParseError } from 'yaml'

import { isErrno } from '../../kernel/errno.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { scheduleDocument, type ScheduleDocument } from '../../workflow/schedule/schema.ts'
import type { Context } from '../context.ts'
import { type LoadedDefinition, requireDefinition } from '../definition/load.ts'
import { resolvePaths } from '../definition/read-inputs.ts'
import { FileError, UsageError } from '../errors.ts'

/** What a file says of a schedule. */
export interface ScheduleFile {
  /** Its name; absent when the file is a definition. */
  readonly name?: string
  /** Fields of the schedule, as the file gives them. */
  readonly spec:
    | Omit<ScheduleDocument, 'apiVersion' | 'kind' | 'name' | 'workflow' | 'definition'>
    | undefined
  readonly definition: JsonObject
  /** Where the definition was read, so that what is wrong with it can be shown. */
  readonly loaded: LoadedDefinition | undefined
}

/** Whether `name` is a file rather than the name of a schedule. */
export function isFile(name: string): boolean {
  return existsSync(name)
}

/** Reads a schedule, or the definition that options make one of. */
export async function readSchedule(context: Context, file: string): Promise<ScheduleFile> {
  const document = await readDocument(file)
  if (document === undefined) {
    const loaded = await requireDefinition(context, file)
    return { spec: undefined, definition: loaded.definition, loaded }
  }
  const { apiVersion: _, kind: _kind, name, workflow, definition: inline, ...spec } = document
  const loaded =
    workflow === undefined
      ? undefined
      : await requireDefinition(context, resolve(dirname(file), workflow))
  const definition = loaded?.definition ?? inline
  if (definition === undefined) {
    throw new UsageError(`${file} names no workflow`, {
      hint: 'write "workflow: FILE", or the definition itself under "definition"',
    })
  }
  const inputs = spec.inputs && resolvePaths(spec.inputs, definition, dirname(file))
  return { name, spec: { ...spec, ...(inputs && { inputs }) }, definition, loaded }
}

/** The trigger and bounds that a file of a schedule says; its workflow need not be there. */
export async function readTimes(file: string): Promise<ScheduleDocument> {
  const document = await readDocument(file)
  if (document !== undefined) return document
  throw new UsageError(`${file} is not a schedule`, {
    hint: 'a schedule says "kind: schedule"; for a workflow give --cron, --every or the like alone',
  })
}

/** The schedule in a file; `undefined` when it holds something else. */
async function readDocument(file: string): Promise<ScheduleDocument | undefined> {
  const value = await readYaml(file)
  if (!isJsonObject(value) || value['kind'] !== 'schedule') return undefined
  const parsed = scheduleDocument.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new UsageError(`${file} is not a valid schedule: ${issues.join('; ')}`, {
    hint: 'docs/schedules.md describes every field',
  })
}

async function readYaml(file: string): Promise<Json | undefined> {
  try {
    if ((await stat(file)).isDirectory()) return undefined
    const value: unknown = parseYaml(await readFile(file, 'utf8'), { maxAliasCount: 100 })
    const json: Json = JSON.parse(JSON.stringify(value ?? null))
    return json
  } catch (fault) {
    // A definition that cannot be read is explained where definitions are.
    if (fault instanceof YAMLParseError) return undefined
    if (isErrno(fault)) throw new FileError(file, fault)
    throw fault
  }
}
