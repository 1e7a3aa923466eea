import { z } from 'zod'

import { config } from '../../src/app/config.ts'
import { isJsonObject, type JsonObject } from '../../src/kernel/json.ts'
import { providerConfig } from '../../src/models/index.ts'
import { variableOf } from '../../src/platform/config.ts'

import { heading, page, sentence, table } from './markdown.ts'
import { rowsOf, type SchemaRow } from './schema-rows.ts'

/** `docs/reference/configuration.md`: every setting. */
export function configurationPage(): string {
  const rows = rowsOf(toSchema(config), {}).filter(({ name }) => !/[.[]/.test(name))
  return page(
    heading(
      'Settings',
      'Settings come from a YAML file, then from environment variables, then from options of the command; a later source outweighs an earlier one. The file is `prsm.config.yaml` in the current folder, or the one that `--config` or `PRSM_CONFIG` names. Unknown settings are errors that name the nearest known one.',
    ),
    table(['In the file', 'Variable', 'Default', 'Type', 'Meaning'], rows.map(settingRow)),
    'A list in a variable is separated by commas. `providers` and `prices` are set in the file.',
    '## Other variables',
    table(
      ['Variable', 'Meaning'],
      [
        ['`PRSM_CONFIG`', 'Path of the settings file'],
        ['`PRSM_SECRET_NAME`', 'Value of the secret `NAME` of a workflow, where its worker runs'],
        [
          '`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GOOGLE_GENERATIVE_AI_API_KEY` or `GEMINI_API_KEY`',
          'Keys of the providers that need no entry under `providers`',
        ],
        ['`PRSM_DATA`', 'Folder of the data sets of `npm run bench`'],
        ['`NO_COLOR`', 'Any value: no colours'],
      ],
    ),
    '## Providers',
    'Each entry of `providers` is one of these kinds.',
    ...providerSections(),
  )
}

function settingRow({ name, default: given, type, description = '' }: SchemaRow): string[] {
  return [
    `\`${name}\``,
    isStructured(name) ? '' : `\`${variableOf(name)}\``,
    given === undefined ? '' : `\`${given.replaceAll('"', '')}\``,
    type.startsWith('list of') && isStructured(name) ? 'list of [providers](#providers)' : type,
    sentence(description),
  ]
}

/** What no variable can hold. */
function isStructured(name: string): boolean {
  return name === 'providers' || name === 'prices'
}

function providerSections(): string[] {
  const { oneOf } = toSchema(providerConfig)
  if (!Array.isArray(oneOf)) throw new TypeError('providers are no choice of kinds')
  return oneOf.flatMap((each) => {
    if (!isJsonObject(each)) return []
    const rows = rowsOf(each, {})
    const kind = rows.find(({ name }) => name === 'kind')?.type ?? ''
    return [
      `### ${kind.replaceAll(/[`"]/g, '')}`,
      table(
        ['Setting', 'Type', 'Default', 'Meaning'],
        rows.map(({ name, type, isRequired, ...row }) => {
          const [meaning = '', given = row.default] = (row.description ?? '').split(
            '@defaultValue ',
          )
          const shown = isRequired
            ? 'required'
            : given === undefined
              ? ''
              : given.replaceAll('"', '')
          return [`\`${name}\``, type, shown, meaning.trim()]
        }),
      ),
    ]
  })
}

function toSchema(schema: z.ZodType): JsonObject {
  const made: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const json: JsonObject = JSON.parse(JSON.stringify(made))
  return withoutNames(json, json)
}

/** Named parts in the place of their names. */
function withoutNames(schema: JsonObject, root: JsonObject): JsonObject {
  const { $ref, $defs: _, ...rest } = schema
  const { $defs } = root
  const name = typeof $ref === 'string' ? $ref.slice($ref.lastIndexOf('/') + 1) : ''
  const target = isJsonObject($defs) ? $defs[name] : undefined
  const base = isJsonObject(target) ? { ...target, ...rest } : rest
  return Object.fromEntries(
    Object.entries(base).map(([key, value]) => {
      if (Array.isArray(value)) {
        return [key, value.map((each) => (isJsonObject(each) ? withoutNames(each, root) : each))]
      }
      return [key, isJsonObject(value) ? withoutNames(value, root) : value]
    }),
  )
}
