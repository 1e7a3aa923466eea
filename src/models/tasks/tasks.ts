import { InvalidTaskInputError } from '../request-errors.ts'

import { answer } from './answer.ts'
import { claims } from './claims.ts'
import { classify } from './classify.ts'
import type { TaskDefinition } from './definition.ts'
import { extract } from './extract.ts'
import { keyTerms } from './key-terms.ts'
import { relate } from './relate.ts'
import {
  type TaskInput,
  taskInputs,
  type TaskName,
  type TaskOutput,
  taskOutputs,
} from './schema.ts'
import { summarise } from './summarise.ts'
import { write } from './write.ts'
import { problemsOf } from './wrong-shape.ts'

/** Every task by its name. */
export const TASKS: { readonly [Name in TaskName]: TaskDefinition<Name> } = {
  summarise,
  answer,
  key_terms: keyTerms,
  classify,
  extract,
  claims,
  relate,
  write,
}

/** Checked inputs by task. */
type Parsers = { readonly [Name in TaskName]: (input: unknown) => Parsed<TaskInput<Name>> }

type Parsed<Value> =
  | { readonly success: true; readonly data: Value }
  | { readonly success: false; readonly error: Parameters<typeof problemsOf>[0] }

const PARSERS: Parsers = {
  summarise: (input) => taskInputs.summarise.safeParse(input),
  answer: (input) => taskInputs.answer.safeParse(input),
  key_terms: (input) => taskInputs.key_terms.safeParse(input),
  classify: (input) => taskInputs.classify.safeParse(input),
  extract: (input) => taskInputs.extract.safeParse(input),
  claims: (input) => taskInputs.claims.safeParse(input),
  relate: (input) => taskInputs.relate.safeParse(input),
  write: (input) => taskInputs.write.safeParse(input),
}

/**
 * The checked input of a task.
 *
 * @throws {@link InvalidTaskInputError} it does not fit, or has neither a text nor a file.
 */
export function parseTaskInput<Name extends TaskName>(name: Name, input: unknown): TaskInput<Name> {
  const parsed = PARSERS[name](input)
  if (!parsed.success) throw new InvalidTaskInputError(name, problemsOf(parsed.error))
  const { text, path } = sourceOf(parsed.data)
  const hasSource = 'text' in taskInputs[name].shape
  if (hasSource && text === undefined && path === undefined) {
    throw new InvalidTaskInputError(name, ['give "text", or "path" of a file to read'])
  }
  if (text?.trim() === '') throw new InvalidTaskInputError(name, ['"text" is empty'])
  return parsed.data
}

type OutputParsers = { readonly [Name in TaskName]: (output: unknown) => TaskOutput<Name> }

const OUTPUT_PARSERS: OutputParsers = {
  summarise: (output) => taskOutputs.summarise.parse(output),
  answer: (output) => taskOutputs.answer.parse(output),
  key_terms: (output) => taskOutputs.key_terms.parse(output),
  classify: (output) => taskOutputs.classify.parse(output),
  extract: (output) => taskOutputs.extract.parse(output),
  claims: (output) => taskOutputs.claims.parse(output),
  relate: (output) => taskOutputs.relate.parse(output),
  write: (output) => taskOutputs.write.parse(output),
}

/** The typed output of a task, from the JSON that its check passed. */
export function parseTaskOutput<Name extends TaskName>(
  name: Name,
  output: unknown,
): TaskOutput<Name> {
  return OUTPUT_PARSERS[name](output)
}

/** The text of a task's input or the file it is in; tasks on claims have neither. */
export function sourceOf(input: object): {
  readonly text?: string | undefined
  readonly path?: string | undefined
} {
  const read = (key: string): string | undefined => {
    const value: unknown = Object.entries(input).find(([name]) => name === key)?.[1]
    return typeof value === 'string' ? value : undefined
  }
  return { text: read('text'), path: read('path') }
}
