import { z } from 'zod'

import { config } from '../../app/config.ts'
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import { variableOf } from '../../platform/config.ts'

const HEAD = `# Settings of PRSM. Environment variables outweigh them, options of a command outweigh both.
# Each line shows a default, or a form where there is none; take away the "#" to change it.
`

/** A settings file in which everything is explained and nothing is set. */
export function settingsText(): string {
  const made: unknown = z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' })
  const schema: JsonObject = JSON.parse(JSON.stringify(made))
  const { properties } = schema
  const settings = isJsonObject(properties) ? Object.entries(properties) : []
  const parts = settings.map(([name, setting]) => {
    const { description, default: value } = isJsonObject(setting) ? setting : {}
    const text = typeof description === 'string' ? description : ''
    const form = value === undefined ? '' : ` ${JSON.stringify(value)}`
    return `\n# ${text} (${variableOf(name)})\n# ${name}:${form}\n`
  })
  return HEAD + parts.join('')
}
