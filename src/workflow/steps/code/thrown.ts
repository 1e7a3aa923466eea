import { inspect } from 'node:util'

import type { ChildEnding } from './protocol.ts'

/** What was thrown, as text. */
export interface Thrown {
  readonly name: string
  readonly message: string
  readonly stack: readonly string[]
}

/** Longest message and most lines of stack that are told. */
const MAX_MESSAGE = 2_000
const MAX_LINES = 10
const MAX_LINE = 400

/**
 * Describes a thrown value; its stack is cut to the lines that lie in the author's files.
 *
 * @param own - what is found in lines of ours: our folder, as a path and as a URL
 */
export function describeThrown(fault: unknown, own: readonly string[]): Thrown {
  if (!(fault instanceof Error)) {
    return { name: typeof fault, message: clip(show(fault)), stack: [] }
  }
  const { name, message, stack = '' } = fault
  return {
    name: clip(show(name)),
    message: clip(show(message)),
    stack: authorLines(show(stack), own),
  }
}

/** A call that failed by what the author's code threw. */
export function threw(
  fault: unknown,
  own: readonly string[],
): Extract<ChildEnding, { kind: 'threw' }> {
  return { kind: 'threw', ...describeThrown(fault, own), ...retryAdvice(fault) }
}

/** `isTransient` and `retryAfterMs` of the author's own error, which the engine heeds. */
function retryAdvice(fault: unknown): {
  readonly isTransient: boolean
  readonly retryAfterMs: number
} {
  if (typeof fault !== 'object' || fault === null) return { isTransient: false, retryAfterMs: 0 }
  const isTransient = 'isTransient' in fault && fault.isTransient === true
  const asked = 'retryAfterMs' in fault ? fault.retryAfterMs : 0
  const isWait = typeof asked === 'number' && Number.isFinite(asked) && asked > 0
  return { isTransient, retryAfterMs: isWait ? asked : 0 }
}

/** Lines that are neither Node's nor ours. */
function authorLines(stack: string, own: readonly string[]): readonly string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) => line.startsWith('at ') && !['node:', ...own].some((part) => line.includes(part)),
    )
    .slice(0, MAX_LINES)
    .map((line) => line.slice(0, MAX_LINE))
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 2, maxStringLength: 500 })
}

function clip(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`
}
