import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { parse as parseYaml, YAMLParseError } from 'yaml'

import { isErrno } from '../../kernel/errno.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { Context } from '../context.ts'
import { FileError, InvalidInputError, UsageError } from '../errors.ts'

import {
  checkName,
  coerceInputs,
  type GivenInput,
  inputsSchemaOf,
  schemaOf,
} from './coerce-input.ts'

/** How inputs are given on the command line. */
export interface InputFlags {
  /** `name=text`, `name=@file` or `name=@-`, in order. */
  readonly input?: readonly string[]
  /** A JSON or YAML file of all inputs; what is given singly outweighs it. */
  readonly inputs?: string
}

/** The inputs of a run of `definition`, as its schema types them. */
export async function readInputs(
  context: Context,
  definition: JsonObject,
  { input = [], inputs: file }: InputFlags,
): Promise<JsonObject> {
  const schema = inputsSchemaOf(definition)
  const fromFile = file === undefined ? {} : await readInputsFile(file)
  for (const name of Object.keys(fromFile)) checkName(schema, name)
  const given: GivenInput[] = []
  for (const each of input) {
    const { name, text } = split(each)
    const isPath = isFileInput(schemaOf(schema, name))
    const value = isPath ? resolve(text.replace(/^@/, '')) : await readText(context, name, text)
    given.push({ name, text: value })
  }
  // Paths in a file of inputs are relative to the caller, like those given singly.
  return { ...resolvePaths(fromFile, definition, '.'), ...coerceInputs(schema, given) }
}

function split(text: string): GivenInput {
  const at = text.indexOf('=')
  if (at > 0) return { name: text.slice(0, at), text: text.slice(at + 1) }
  throw new UsageError(`"${text}" is not an input`, {
    hint: 'write name=value, name=@file for the text of a file, or name=@- for standard input',
  })
}

/** Whether an input names a file or folder, rather than holding a text. */
function isFileInput(schema: JsonObject | undefined): boolean {
  const format = schema?.['format']
  return format === 'file' || format === 'directory'
}

/** `@file` stands for its text, `@-` for standard input, and `@@x` for `@x`. */
async function readText({ terminal }: Context, name: string, text: string): Promise<string> {
  if (!text.startsWith('@')) return text
  if (text.startsWith('@@')) return text.slice(1)
  const path = text.slice(1)
  if (path === '-') return terminal.input.readText()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (fault) {
    if (isErrno(fault)) {
      if (fault.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
        throw new InvalidInputError(name, `${path} is not a text in UTF-8`, { cause: fault })
      }
      throw new FileError(path, fault, {
        hint: `check the path; write ${name}=@${text} for the text "${text}"`,
      })
    }
    throw fault
  }
}

/** A JSON or YAML file that holds an object. */
async function readInputsFile(path: string): Promise<JsonObject> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (fault) {
    if (isErrno(fault)) throw new FileError(path, fault)
    throw fault
  }
  const value = parseInputs(path, text)
  if (isJsonObject(value)) return value
  throw new UsageError(`${path} does not hold inputs: it is not a map from names to values`)
}

function parseInputs(path: string, text: string): Json {
  try {
    const value: unknown = parseYaml(text, { maxAliasCount: 100 })
    const json: Json = JSON.parse(JSON.stringify(value ?? null))
    return json
  } catch (fault) {
    if (!(fault instanceof YAMLParseError)) throw fault
    const [place] = fault.linePos ?? []
    const where = place === undefined ? path : `${path}:${place.line}:${place.col}`
    throw new UsageError(`${where}: ${fault.message.split('\n')[0] ?? ''}`, { cause: fault })
  }
}

/** Inputs that name files, with their paths below `folder` when they are relative. */
export function resolvePaths(
  inputs: JsonObject,
  definition: JsonObject,
  folder: string,
): JsonObject {
  const schema = inputsSchemaOf(definition)
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const isPath =
        typeof value === 'string' && value !== '' && isFileInput(schemaOf(schema, name))
      return [name, isPath ? resolve(folder, value) : value]
    }),
  )
}
