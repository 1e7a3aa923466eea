import { isJsonObject, type Json } from '../../kernel/json.ts'

import { type Bindings, compileExpression, type Expression } from './expression.ts'

/** JSON with expressions in it, compiled. */
export interface Template {
  /** Every expression in it, with where it stands. */
  readonly expressions: readonly PlacedExpression[]
  /** The value itself, when no expression is in it. */
  readonly constant: { readonly value: Json } | undefined
  /** The value under `bindings`. */
  evaluate(bindings: Bindings): Json | Promise<Json>
}

/** An expression and where it stands in the template. */
export interface PlacedExpression {
  readonly expression: Expression
  /** Keys and indexes from the template's root. */
  readonly path: readonly (string | number)[]
  /** Offset of the JSONata text within the string it stands in. */
  readonly offset: number
  /** Whether the whole string is this expression, so that it keeps its type. */
  readonly isWhole: boolean
}

/** Called with each expression that does not compile; without it the fault is thrown. */
export type OnSyntaxFault = (fault: unknown, path: PlacedExpression['path'], offset: number) => void

const MARKED = /\{%([\s\S]*?)%\}/g
const WHOLE = /^\s*\{%([\s\S]*?)%\}\s*$/

/** Whether a string has an expression in it. */
export function hasExpression(text: string): boolean {
  return text.includes('{%')
}

/** How a template is compiled. */
export interface CompileOptions {
  readonly onFault?: OnSyntaxFault | undefined
  /** Members at the top whose expressions belong to somebody else and stay as they are. */
  readonly opaque?: readonly string[] | undefined
}

/**
 * Compiles JSON with expressions in its strings.
 *
 * @remarks A string that is one expression takes the expression's value and type; expressions
 * within a longer string are written into it (texts as they are, other values as JSON).
 */
export function compileTemplate(value: Json, options: CompileOptions = {}): Template {
  const expressions: PlacedExpression[] = []
  const { onFault, opaque = [] } = options
  const node = compileNode(value, [], { expressions, onFault, opaque })
  const constant = expressions.length === 0 ? { value } : undefined
  return {
    expressions,
    constant,
    evaluate: (bindings) => (constant === undefined ? node(bindings) : value),
  }
}

type Node = (bindings: Bindings) => Json | Promise<Json>

interface Compilation {
  readonly expressions: PlacedExpression[]
  readonly onFault: OnSyntaxFault | undefined
  readonly opaque: readonly string[]
}

function compileNode(value: Json, path: PlacedExpression['path'], to: Compilation): Node {
  const [top] = path
  if (path.length === 1 && typeof top === 'string' && to.opaque.includes(top)) return () => value
  if (typeof value === 'string') return compileText(value, path, to)
  if (Array.isArray(value)) {
    const items = value.map((item: Json, index) => compileNode(item, [...path, index], to))
    return (bindings) => Promise.all(items.map(async (item) => item(bindings)))
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => [key, compileNode(member, [...path, key], to)] as const,
    )
    return async (bindings) =>
      Object.fromEntries(
        await Promise.all(
          members.map(async ([key, member]) => [key, await member(bindings)] as const),
        ),
      )
  }
  return () => value
}

function compileText(text: string, path: PlacedExpression['path'], to: Compilation): Node {
  if (!hasExpression(text)) return () => text
  const whole = WHOLE.exec(text)
  const isWhole = whole !== null && text.indexOf('{%') === text.lastIndexOf('{%')
  const parts: (string | Expression)[] = []
  let end = 0
  for (const match of text.matchAll(MARKED)) {
    const offset = match.index + 2
    const expression = compileOne(match[1] ?? '', { path, offset, isWhole }, to)
    if (expression === undefined) continue
    parts.push(text.slice(end, match.index), expression)
    end = match.index + match[0].length
  }
  const [, first] = parts
  if (isWhole && first !== undefined && typeof first !== 'string')
    return (bindings) => first.evaluate(bindings)
  parts.push(text.slice(end))
  return (bindings) => join(parts, bindings)
}

function compileOne(
  source: string,
  place: Omit<PlacedExpression, 'expression'>,
  { expressions, onFault }: Compilation,
): Expression | undefined {
  try {
    const expression = compileExpression(source)
    expressions.push({ expression, ...place })
    return expression
  } catch (fault) {
    if (onFault === undefined) throw fault
    onFault(fault, place.path, place.offset)
    return undefined
  }
}

async function join(parts: readonly (string | Expression)[], bindings: Bindings): Promise<string> {
  const texts = await Promise.all(
    parts.map(async (part) => {
      if (typeof part === 'string') return part
      const value = await part.evaluate(bindings)
      return typeof value === 'string' ? value : JSON.stringify(value)
    }),
  )
  return texts.join('')
}
