import type { StepKindRecord } from '../../client/index.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../text/table.ts'

/** `prsm kinds`: what `uses` may name, or what one kind takes. */
export async function showKinds(context: Context, name: string | undefined): Promise<ExitCode> {
  const kinds = await withSession(context, 'none', ({ client }) => client.stepKinds())
  if (name !== undefined) return showKind(context, findKind(kinds, name))
  if (context.isJson) {
    context.printJson(kinds.map((kind) => ({ ...kind })))
    return EXIT.done
  }
  const rows = kinds.map((kind) => [{ text: kind.name }, { text: kind.summary }])
  context.print(...tableOf(context, ['KIND', 'WHAT IT DOES'], rows))
  context.note('', 'prsm kinds KIND says what one takes')
  return EXIT.done
}

function findKind(kinds: readonly StepKindRecord[], name: string): StepKindRecord {
  const found = kinds.find((kind) => kind.name === name)
  if (found !== undefined) return found
  const names = kinds.map((kind) => kind.name)
  throw new UsageError(`there is no kind of step "${name}"${didYouMean(name, names)}`, {
    hint: 'prsm kinds lists them',
  })
}

function showKind(context: Context, kind: StepKindRecord): ExitCode {
  if (context.isJson) {
    context.printJson({ ...kind })
    return EXIT.done
  }
  const { properties, required = [] } = kind.parameters
  const parameters = isJsonObject(properties) ? Object.entries(properties) : []
  const needed = new Set(Array.isArray(required) ? required : [])
  const rows = parameters.map(([parameter, schema]) => [
    { text: needed.has(parameter) ? `${parameter} *` : parameter },
    { text: typeOf(schema) },
    { text: isJsonObject(schema) ? textOf(schema, 'description') : '' },
  ])
  context.print(`${context.paint.bold(kind.name)}  ${kind.summary}`, '')
  if (rows.length > 0) context.print(...tableOf(context, ['WITH', 'TYPE', ''], rows))
  if (needed.size > 0) context.print('', '* must be given')
  return EXIT.done
}

function typeOf(schema: Json): string {
  if (!isJsonObject(schema)) return ''
  const { type, enum: values, anyOf } = schema
  if (Array.isArray(values)) return values.join(', ')
  if (typeof type === 'string') return type
  return Array.isArray(anyOf) ? [...new Set(anyOf.map(typeOf))].join(' or ') : ''
}

function textOf(schema: JsonObject, name: string): string {
  const value = schema[name]
  return typeof value === 'string' ? value : ''
}

/** A table whose columns behind the first go on in more lines when room is short. */
function tableOf(
  { terminal, paint, glyphs }: Context,
  titles: readonly string[],
  rows: readonly (readonly { readonly text: string }[])[],
): readonly string[] {
  const columns = titles.map((title, index) =>
    index === 0 ? { title } : { title, least: index === titles.length - 1 ? 24 : 8, wraps: true },
  )
  return renderTable({
    columns,
    rows,
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** `prsm schema`: the JSON Schema of definitions. */
export async function printSchema(context: Context): Promise<ExitCode> {
  const schema = await withSession(context, 'none', ({ client }) => client.workflowSchema())
  context.print(JSON.stringify(schema, null, 2))
  return EXIT.done
}
