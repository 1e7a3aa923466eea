import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when an expression cannot be evaluated: it throws, loops, or gives what JSON cannot carry. */
export class ExpressionError extends PlatformError {
  readonly code = 'workflow.expression-failed'

  constructor(source: string, reason: string, cause?: unknown) {
    super(`expression {% ${shorten(source)} %} failed: ${reason}`, {
      hint: 'see docs/workflows.md#expressions; try the expression on a small input first',
      details: { expression: shorten(source), reason },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when the text between the marks is not JSONata. */
export class ExpressionSyntaxError extends PlatformError {
  readonly code = 'workflow.expression-syntax'
  /** Offset of the fault in the expression's text. */
  readonly offset: number

  constructor(source: string, reason: string, offset: number) {
    super(`{% ${shorten(source)} %} is not a JSONata expression: ${reason}`, {
      details: { expression: shorten(source) },
    })
    this.offset = offset
  }
}

function shorten(source: string): string {
  const line = source.trim().replaceAll(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 117)}…` : line
}
