import jsonata from 'jsonata'

import type { Json } from '../../kernel/json.ts'

import { ExpressionError, ExpressionSyntaxError } from './errors.ts'
import { LinearRegex } from './linear-regex.ts'
import { collectReferences, type Reference } from './references.ts'

/** What an expression can name, without the dollar sign. */
export type Bindings = Readonly<Record<string, unknown>>

/** A compiled expression. */
export interface Expression {
  /** The JSONata text between the marks. */
  readonly source: string
  /** The variables and paths it reads. */
  readonly references: readonly Reference[]
  /**
   * The value under `bindings`; nothing found is `null`.
   *
   * @throws {@link ExpressionError} it fails, runs too long or too deep, or gives a function.
   */
  evaluate(bindings: Bindings): Promise<Json>
}

/** Longest evaluation, milliseconds: an endless recursion ends here. */
const TIMEOUT_MS = 2_000
/** Deepest nesting of calls. */
const MAX_DEPTH = 500
/** Longest list an expression may build. */
const MAX_SEQUENCE = 1_000_000
/** Evaluations of sub-expressions between two turns of the event loop. */
const ENTRIES_PER_YIELD = 2_000
/** Longest text `$pad` may build. */
const MAX_PAD = 1_000_000

/**
 * Compiles the text between `{%` and `%}`.
 *
 * @throws {@link ExpressionSyntaxError} it is not JSONata.
 */
export function compileExpression(source: string): Expression {
  const compiled = parse(source)
  const references = collectReferences(compiled.ast())
  if (/\bfunction\b|λ/.test(source)) yieldNowAndThen(compiled)
  return {
    source,
    references,
    async evaluate(bindings) {
      let value: unknown
      try {
        value = await compiled.evaluate(undefined, { ...GUARDS, ...bindings })
      } catch (fault) {
        throw new ExpressionError(source, reasonOf(fault), fault)
      }
      return toJson(source, value)
    },
  }
}

/**
 * Bindings that replace what would make a replay differ from the first run, or stop the process.
 * `$now` and `$millis` are bound by the host, to the time the run was created.
 */
const GUARDS: Bindings = {
  random: forbidden('$random', 'a replay would give another value: use a code step'),
  shuffle: forbidden('$shuffle', 'a replay would give another order: use a code step'),
  eval: forbidden('$eval', 'it would run text that was never checked'),
  pad: (text: string | undefined, width: number, char?: string) => {
    if (Math.abs(width) > MAX_PAD) throw new RangeError(`$pad to more than ${MAX_PAD} characters`)
    if (text === undefined) return undefined
    return width < 0 ? text.padStart(-width, char) : text.padEnd(width, char)
  },
}

/**
 * Lets other work of the process go on while a long evaluation runs.
 *
 * @remarks JSONata awaits, but only ever settled promises: without this, a recursion would hold the
 * event loop until its time limit. Only own functions can recurse, so only they pay for it.
 */
function yieldNowAndThen(compiled: ReturnType<typeof jsonata>): void {
  let entries = 0
  const onEntry = (): Promise<void> | undefined => {
    if (++entries % ENTRIES_PER_YIELD !== 0) return undefined
    return new Promise((resolve) => void setImmediate(resolve))
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the hook's name is a symbol
  compiled.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, onEntry)
}

function forbidden(name: string, reason: string): () => never {
  return () => {
    throw new TypeError(`${name} is not available in workflows: ${reason}`)
  }
}

function parse(source: string): ReturnType<typeof jsonata> {
  try {
    return jsonata(source, {
      timeout: TIMEOUT_MS,
      stack: MAX_DEPTH,
      sequence: MAX_SEQUENCE,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSONata uses the part LinearRegex has
      RegexEngine: LinearRegex as unknown as RegExpConstructor,
    })
  } catch (fault) {
    const offset = isJsonataFault(fault) ? fault.position : 0
    throw new ExpressionSyntaxError(source, reasonOf(fault), offset)
  }
}

interface JsonataFault {
  readonly message: string
  readonly position: number
}

/** JSONata throws plain objects with a code, a position and a message. */
function isJsonataFault(fault: unknown): fault is JsonataFault {
  return (
    typeof fault === 'object' &&
    fault !== null &&
    'message' in fault &&
    'position' in fault &&
    typeof fault.position === 'number'
  )
}

function reasonOf(fault: unknown): string {
  if (typeof fault === 'object' && fault !== null && 'message' in fault)
    return String(fault.message)
  if (typeof fault === 'object' && fault !== null && 'code' in fault) return String(fault.code)
  return String(fault)
}

/** The value as plain JSON: JSONata's lists carry hidden marks, and members may be undefined. */
function toJson(source: string, value: unknown): Json {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new ExpressionError(source, `it gave ${value}, which JSON cannot carry`)
  }
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => toJson(source, item))
  if (typeof value === 'object' && !('_jsonata_lambda' in value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(members.map(([key, member]) => [key, toJson(source, member)]))
  }
  throw new ExpressionError(source, 'it gave a function, which JSON cannot carry')
}
