import { readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

import type { Client, Problem } from '../../client/index.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { loadDefinition, type SourceDocument } from '../../workflow/index.ts'
import type { Context } from '../context.ts'
import { DefinitionProblemsError } from '../errors.ts'

import { countProblems, renderProblem } from './problem-text.ts'

/** A definition as it was read from a file. */
export interface LoadedDefinition {
  /** As the user named it. */
  readonly file: string
  readonly definition: JsonObject
  /** Its text, and where everything stands in it. */
  readonly source: SourceDocument
}

/** What is wrong with the definition in a file, or the definition. */
export type Loading =
  | { readonly ok: true; readonly value: LoadedDefinition }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** What the definition of a folder is called. */
const IN_FOLDER = 'workflow.yaml'

/** Reads the definition in a file, or that of a folder. @throws `UnreadableDefinitionError` */
export async function readDefinition(path: string): Promise<Loading> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const file = isFolder ? join(path, IN_FOLDER) : path
  const loaded = await loadDefinition(file)
  if (!loaded.ok) return { ok: false, problems: loaded.refusal }
  const source = loaded.value
  const { value } = source
  if (isJsonObject(value)) return { ok: true, value: { file, definition: value, source } }
  const problem: Problem = {
    code: 'workflow.invalid-definition',
    message: 'a definition is a map of settings and steps',
    hint: 'prsm init writes one to begin with',
    file,
    path: '',
    ...source.place([]),
  }
  return { ok: false, problems: [problem] }
}

/** What is wrong with a definition that was read, each with its place in the file. */
export async function findProblems(
  client: Client,
  { file, definition, source }: LoadedDefinition,
): Promise<readonly Problem[]> {
  const { problems } = await client.validate({ definition })
  return problems
    .map((problem) => ({ ...problem, file, ...source.place(toPath(problem.path)) }))
    .toSorted(byPlace)
}

/** As a reader of the file meets them. */
function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function toPath(path: string): readonly (string | number)[] {
  if (path === '') return []
  return path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** The definition in a file. @throws {@link DefinitionProblemsError} its text is not one. */
export async function requireDefinition(context: Context, file: string): Promise<LoadedDefinition> {
  const loading = await readDefinition(file)
  if (loading.ok) return loading.value
  throw toProblemsError(context, loading.problems)
}

/** Checks a definition. @throws {@link DefinitionProblemsError} it has problems. */
export async function requireValid(
  context: Context,
  client: Client,
  loaded: LoadedDefinition,
): Promise<void> {
  const problems = await findProblems(client, loaded)
  if (problems.length > 0) throw toProblemsError(context, problems)
}

function toProblemsError(context: Context, problems: readonly Problem[]): DefinitionProblemsError {
  const { length } = problems
  const message = `the definition has ${countProblems(length)}`
  const text = `${explainProblems(context, problems).join('\n\n')}\n\n${message}\n`
  return new DefinitionProblemsError(message, text, {
    hint: 'each problem says where it is and what may be meant',
    details: { problems: problems.map(toRecord) },
  })
}

/** A problem as JSON. */
export function toRecord(problem: Problem): JsonObject {
  const entries = Object.entries<Json | undefined>(problem)
  const present = entries.flatMap(([name, value]): [string, Json][] =>
    value === undefined ? [] : [[name, value]],
  )
  return Object.fromEntries(present)
}

/** Each problem as people read it on standard error. */
export function explainProblems(
  { terminal, notePaint: paint, glyphs }: Context,
  problems: readonly Problem[],
): readonly string[] {
  const texts = new Map<string, string | undefined>()
  const style = {
    paint,
    glyphs,
    columns: terminal.err.columns,
    nameOf: (file: string) => nameFrom(terminal.workingDirectory, file),
    textOf: (file: string) => {
      if (!texts.has(file)) texts.set(file, readText(file))
      return texts.get(file)
    },
  }
  return problems.map((problem) => renderProblem(problem, style))
}

function nameFrom(folder: string, file: string): string {
  const below = relative(folder, file)
  return below.startsWith('..') ? file : below
}

/** The text that a problem stands in; it was read before, but may be gone by now. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return undefined
    throw fault
  }
}
