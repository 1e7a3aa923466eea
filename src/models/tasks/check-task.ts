import type { LanguageModelV3Prompt } from '@ai-sdk/provider'

import type { Json, JsonObject } from '../../kernel/json.ts'
import { present } from '../../kernel/present.ts'

import type { CheckContext, TaskCheck } from './definition.ts'
import { readingOf } from './material.ts'
import { createQuoteFinder } from './quotes.ts'
import type { TaskCall, TaskName } from './schema.ts'
import { parseTaskInput, sourceOf, TASKS } from './tasks.ts'

/** Checks a value against a JSON Schema. */
interface SchemaProblems {
  problems(schema: JsonObject, value: Json): readonly string[]
}

/** What a task's answer is checked with. */
export interface TaskTerms {
  readonly task: TaskCall
  /** The conversation so far: a file's text is in its tool results. */
  readonly prompt: LanguageModelV3Prompt
  /** Needed by `extract` alone. */
  readonly checker: SchemaProblems | undefined
}

/** A verdict whose values are plain JSON. */
export interface CheckedAnswer {
  readonly output?: Json
  readonly fallback?: Json
  readonly dropped: number
  readonly problems: readonly string[]
}

/** Checks an answer to a task: its shape, and that its quotes stand in the task's text. */
export function checkTask(answer: Json, { task, prompt, checker }: TaskTerms): CheckedAnswer {
  const { text, path } = sourceOf(task.input)
  const reading = path === undefined ? undefined : readingOf(prompt, path)
  const source = text ?? (reading?.kind === 'text' ? reading.text : '')
  const validate = (schema: JsonObject, value: Json): readonly string[] =>
    present(checker, 'schema checker').problems(schema, value)
  const input = parseTaskInput(task.name, task.input)
  const context = { input, source: createQuoteFinder(source), validate }
  return toJson(checkWith(task.name, answer, context))
}

function checkWith<Name extends TaskName>(
  name: Name,
  answer: Json,
  context: CheckContext<Name>,
): TaskCheck<Name> {
  return TASKS[name].check(answer, context)
}

function toJson({ output, fallback, dropped, problems }: TaskCheck<TaskName>): CheckedAnswer {
  return {
    ...(output === undefined ? {} : { output: plain(output) }),
    ...(fallback === undefined ? {} : { fallback: plain(fallback) }),
    dropped,
    problems,
  }
}

/** Without the properties that are present but undefined, which JSON does not have. */
function plain(value: object): Json {
  const copy: Json = JSON.parse(JSON.stringify(value))
  return copy
}
