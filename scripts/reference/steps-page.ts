import { z } from 'zod'

import { isJsonObject, type JsonObject } from '../../src/kernel/json.ts'
import { TASK_NAMES, taskInputs, type TaskName, taskOutputs } from '../../src/models/index.ts'
import type { StepKind } from '../../src/workflow/index.ts'

import { heading, page, table } from './markdown.ts'
import { rowsOf, type SchemaRow } from './schema-rows.ts'

/** What outputs hold that no schema tells, by kind. */
const GIVES: Readonly<Record<string, string>> = {
  transform: 'What `value` evaluates to.',
  wait: 'For a `signal`, its payload; otherwise `null`.',
  workflow: 'The output of the other workflow.',
  model:
    'The answer: a text; a value of the schema in `output`; or the output of the [task](#tasks).',
  agent:
    '`answer` is a text; a value of the schema in `output`; or the output of the [task](#tasks).',
  code: 'What the function returns.',
}

/** `docs/reference/steps.md`: the kinds of step and the tasks of models. */
export function stepsPage(kinds: readonly StepKind[]): string {
  return page(
    heading(
      'Kinds of step',
      '`uses` names one of these kinds, `with` holds its parameters. An expression `{% … %}` may stand in the place of any value. Limits of texts and lists hold after expressions are evaluated.',
    ),
    table(
      ['Kind', 'What it does'],
      kinds.map(({ name, summary }) => [`[\`${name}\`](#${anchor(name)})`, summary]),
    ),
    ...kinds.map(kindSection),
    '## Tasks',
    'A `model` or `agent` step can be given a `task` and its `input` instead of a free prompt. Every provider offers these tasks; the offline model `builtin` offers nothing else. Give the material as `text`; an agent with the tool `read_file` may be given a `path` instead.',
    ...TASK_NAMES.map(taskSection),
  )
}

function kindSection({ name, summary, parameters, gives, takesSecrets }: StepKind): string {
  const rows = rowsOf(parameters)
  const outputs = rowsOf(gives)
  const text = GIVES[name]
  return page(
    `## ${name}`,
    summary,
    ...(takesSecrets ? ['Parameters may hold secrets: `{ $secret: NAME }`.'] : []),
    ...(name === 'workflow'
      ? ['In a file, `file: ./other.yaml` stands for the `definition` in that file.']
      : []),
    parameterTable(rows),
    '**Output.**' + (text === undefined ? '' : ` ${text}`),
    ...(outputs.length > 0 ? [outputTable(outputs)] : []),
  )
}

function taskSection(name: TaskName): string {
  return page(
    `### ${name}`,
    parameterTable(rowsOf(jsonSchemaOf(taskInputs[name], 'input'))),
    '**Output.**',
    ...outputsOf(jsonSchemaOf(taskOutputs[name], 'output')).map(outputTable),
  )
}

/** One table, or one for each form the output may have. */
function outputsOf(schema: JsonObject): readonly (readonly SchemaRow[])[] {
  const { oneOf } = schema
  if (!Array.isArray(oneOf)) return [rowsOf(schema)]
  return oneOf.flatMap((each) => (isJsonObject(each) ? [rowsOf(each)] : []))
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const made: unknown = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  const json: JsonObject = JSON.parse(JSON.stringify(made))
  return inlined(json)
}

/** Named schemas in the place of their names: these pages have no table for each. */
function inlined(schema: JsonObject): JsonObject {
  const { $defs } = schema
  const definitions = isJsonObject($defs) ? $defs : {}
  const resolve = (value: JsonObject): JsonObject => {
    const { $ref, ...rest } = value
    const name = typeof $ref === 'string' ? $ref.slice($ref.lastIndexOf('/') + 1) : undefined
    if (name?.startsWith('__schema') === true) return rest
    const target = name === undefined ? undefined : definitions[name]
    const base = isJsonObject(target) ? { ...target, ...rest } : rest
    return Object.fromEntries(
      Object.entries(base).map(([key, each]) => [
        key,
        Array.isArray(each)
          ? each.map((item) => (isJsonObject(item) ? resolve(item) : item))
          : isJsonObject(each)
            ? resolve(each)
            : each,
      ]),
    )
  }
  const { $defs: _, ...root } = schema
  return resolve(root)
}

function parameterTable(rows: readonly SchemaRow[]): string {
  return table(
    ['Parameter', 'Type', 'Default', 'Meaning'],
    rows.map(({ name, type, isRequired, default: given, description }) => [
      `\`${name}\``,
      type,
      isRequired ? 'required' : given === undefined ? '' : `\`${given}\``,
      description,
    ]),
  )
}

function outputTable(rows: readonly SchemaRow[]): string {
  return table(
    ['Output', 'Type', 'Meaning'],
    rows.map(({ name, type, isOptional, description }) => [
      `\`${name}\``,
      isOptional ? `${type}; may be absent` : type,
      description,
    ]),
  )
}

/** The anchor that a heading gets. */
function anchor(name: string): string {
  return name.replaceAll('.', '')
}
