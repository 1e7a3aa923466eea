import { isJsonObject, type JsonObject } from '../../src/kernel/json.ts'

import { heading, page, sentence, table } from './markdown.ts'
import { definitionsOf, rowsOf, type SchemaRow, typeText } from './schema-rows.ts'

/** Order of the parts below the definition itself. */
const PARTS = [
  'Definition',
  'Step',
  'ForEach',
  'Repeat',
  'Retry',
  'Compensate',
  'Cleanup',
  'Rollback',
  'OnError',
  'Resources',
  'QueueOptions',
  'RunWindow',
]
const TEXTS = ['Duration', 'Expression', 'Priority', 'RollbackStrategy']

/** `docs/reference/workflow.md`: the fields of definitions. */
export function workflowPage(schema: JsonObject): string {
  const definitions = definitionsOf(schema)
  return page(
    heading(
      'Fields of a definition',
      'A definition is a YAML or JSON document of these fields. Unknown fields are errors. The same in JSON Schema: [workflow-v1.json](../schemas/workflow-v1.json). How to write one: [workflows.md](../workflows.md).',
    ),
    ...PARTS.map((name) => partSection(name, definitions)),
    ...TEXTS.map((name) => textSection(name, definitions)),
  )
}

/** Name, type, and meaning of each field. */
export function fieldTable(rows: readonly SchemaRow[]): string {
  return table(
    ['Field', 'Type', 'Meaning'],
    rows.map(({ name, type, isRequired, description = '', default: given }) => [
      `\`${name}\`${isRequired ? ' (required)' : ''}`,
      type,
      [description, given === undefined ? '' : `Default: \`${given}\``]
        .filter((text) => text !== '')
        .map(sentence)
        .join(' '),
    ]),
  )
}

function partSection(name: string, definitions: JsonObject): string {
  const part = definitions[name]
  if (!isJsonObject(part)) throw new TypeError(`the schema has no "${name}"`)
  const { description } = part
  const rows = rowsOf(part, definitions)
  return page(
    `## ${name}`,
    ...(typeof description === 'string' ? [sentence(description)] : []),
    ...(Array.isArray(part['anyOf']) ? [`It is ${typeText(part, definitions)}.`] : []),
    ...choiceTables(part, definitions),
    ...(rows.length > 0 ? [fieldTable(rows)] : []),
  )
}

/** The long form of a part that also has a short one. */
function choiceTables({ anyOf }: JsonObject, definitions: JsonObject): string[] {
  if (!Array.isArray(anyOf)) return []
  return anyOf.flatMap((each) => {
    const rows = isJsonObject(each) ? rowsOf(each, definitions) : []
    return rows.length === 0 ? [] : ['As an object:', fieldTable(rows)]
  })
}

function textSection(name: string, definitions: JsonObject): string {
  const part = definitions[name]
  const { description } = isJsonObject(part) ? part : {}
  return page(`## ${name}`, typeof description === 'string' ? sentence(description) : '')
}
