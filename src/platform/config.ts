import { readFileSync } from 'node:fs'

import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

import { isErrno } from '../kernel/errno.ts'
import { PlatformError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/nearest.ts'

/** One thing wrong with the settings, and where. */
export interface ConfigProblem {
  /** `prsm.config.yaml:3`, `PRSM_PORT` or `--port`. */
  readonly where: string
  readonly message: string
}

/** Thrown when settings are unknown or out of bounds; lists all of them. */
export class InvalidConfigError extends PlatformError {
  readonly code = 'config.invalid'

  constructor(problems: readonly ConfigProblem[]) {
    super(
      `settings are not valid: ${problems.map(({ where, message }) => `${where}: ${message}`).join('; ')}`,
      {
        hint: 'docs/reference/configuration.md lists every setting, its environment variable and its bounds',
        details: { problems: problems.map((problem) => ({ ...problem })) },
      },
    )
  }
}

/** Where settings come from; a later source outweighs an earlier one. */
export interface ConfigSources {
  /** Path of a YAML file; one that was not asked for by name may be absent. */
  readonly file: { readonly path: string; readonly isOptional: boolean } | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** By key, as given on the command line. */
  readonly flags: Readonly<Record<string, string | undefined>>
}

/** Variables with our prefix that are not settings. */
const OTHER_VARIABLES = /^PRSM_(?:CONFIG|DATA|SECRET_.*|TEST_.*)$/
const PREFIX = 'PRSM_'

type Shape = Readonly<Record<string, z.ZodType>>

/**
 * Reads settings: file, then environment (`PRSM_DATA_DIR` for `dataDir`), then flags.
 *
 * @throws {@link InvalidConfigError} unknown keys (with the nearest known one) and bad values.
 */
export function loadConfig<Config>(
  schema: z.ZodObject & z.ZodType<Config>,
  sources: ConfigSources,
): Config {
  const problems: ConfigProblem[] = []
  const shape: Shape = schema.shape
  const fromFile = sources.file === undefined ? new Map() : readFile(sources.file, problems)
  const values = new Map<string, Given>([
    ...fromFile,
    ...readEnv(sources.env, shape, problems),
    ...readFlags(sources.flags, shape, problems),
  ])
  const raw: Record<string, unknown> = {}
  for (const [key, given] of values) {
    if (!(key in shape)) {
      problems.push({
        where: given.where,
        message: `there is no setting "${key}"${didYouMean(key, Object.keys(shape))}`,
      })
    } else raw[key] = given.value
  }
  const parsed = schema.safeParse(raw)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const [key = ''] = path
      const where = values.get(String(key))?.where ?? String(key)
      const inner = path.slice(1).join('.')
      problems.push({ where, message: inner === '' ? message : `${inner}: ${message}` })
    }
  }
  if (problems.length > 0 || !parsed.success) throw new InvalidConfigError(problems)
  return parsed.data
}

interface Given {
  readonly where: string
  readonly value: unknown
}

function readFile(
  { path, isOptional }: NonNullable<ConfigSources['file']>,
  problems: ConfigProblem[],
): ReadonlyMap<string, Given> {
  const text = readText(path, isOptional, problems)
  if (text === undefined) return new Map()
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const { message, pos } of document.errors) {
    problems.push({ where: `${path}:${lines.linePos(pos[0]).line}`, message })
  }
  const values: unknown =
    document.errors.length > 0 ? {} : (document.toJS({ maxAliasCount: 100 }) ?? {})
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    problems.push({ where: path, message: 'settings are a map from names to values' })
    return new Map()
  }
  return new Map(
    Object.entries(values).map(([key, value]) => [
      key,
      { where: `${path}:${lineOf(key, text)}`, value },
    ]),
  )
}

function readText(
  path: string,
  isOptional: boolean,
  problems: ConfigProblem[],
): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (fault) {
    if (!isErrno(fault)) throw fault
    if (fault.code === 'ENOENT' && isOptional) return undefined
    problems.push({ where: path, message: `cannot be read (${fault.code ?? fault.message})` })
    return undefined
  }
}

function lineOf(key: string, text: string): number {
  const lines = text.split('\n')
  return (
    Math.max(
      0,
      lines.findIndex((line) => line.startsWith(`${key}:`) || line.startsWith(`"${key}":`)),
    ) + 1
  )
}

function readEnv(
  env: ConfigSources['env'],
  shape: Shape,
  problems: ConfigProblem[],
): ReadonlyMap<string, Given> {
  const variables = new Map(Object.keys(shape).map((key) => [variableOf(key), key]))
  const found = new Map<string, Given>()
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || text === undefined || OTHER_VARIABLES.test(name)) continue
    const key = variables.get(name)
    if (key === undefined) {
      problems.push({
        where: name,
        message: `there is no such setting${didYouMean(name, variables.keys())}`,
      })
    } else found.set(key, { where: name, value: fromText(text, shape[key]) })
  }
  return found
}

function readFlags(
  flags: ConfigSources['flags'],
  shape: Shape,
  problems: ConfigProblem[],
): ReadonlyMap<string, Given> {
  const found = new Map<string, Given>()
  for (const [key, text] of Object.entries(flags)) {
    if (text === undefined) continue
    if (key in shape) found.set(key, { where: flagOf(key), value: fromText(text, shape[key]) })
    else problems.push({ where: flagOf(key), message: 'there is no such setting' })
  }
  return found
}

/** `dataDir` → `PRSM_DATA_DIR`. */
export function variableOf(key: string): string {
  return PREFIX + key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** `dataDir` → `--data-dir`. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** A text in the form its setting takes: as it is, as a number, as a switch, as a list. */
function fromText(text: string, schema: z.ZodType | undefined): unknown {
  const forms: unknown[] = [
    text,
    Number(text),
    text === 'true' ? true : text === 'false' ? false : text,
  ]
  forms.push(text.split(',').map((part) => part.trim()))
  return (
    forms.find((form) => schema?.safeParse(form).success === true) ??
    // None will do: the form of the right type tells what is wrong with the value.
    forms.find((form) => isOfType(form, schema)) ??
    text
  )
}

function isOfType(form: unknown, schema: z.ZodType | undefined): boolean {
  if (Number.isNaN(form)) return false
  const issues = schema?.safeParse(form).error?.issues ?? []
  // A number that is not whole is the right type all the same.
  return !issues.some(
    (issue) => issue.code === 'invalid_type' && issue.expected !== 'int' && issue.path.length === 0,
  )
}
