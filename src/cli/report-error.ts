import { type ErrorRecord, PlatformError, toErrorRecord } from '../kernel/errors.ts'
import { toJsonObject } from '../kernel/json.ts'

import type { Context } from './context.ts'
import { DefinitionProblemsError } from './errors.ts'
import { type ExitCode, exitCodeOf } from './exit-codes.ts'
import { tame, wrap } from './text/width.ts'

/** Levels of the log at which a stack is of use to whoever reads it. */
const WITH_STACK: ReadonlySet<string | undefined> = new Set(['debug', 'trace'])

const OURS = 'this is a fault of PRSM; the same command with --log-level debug tells where it is'

/** Tells what went wrong, and gives the exit code for it. */
export function reportError(context: Context, fault: unknown): ExitCode {
  const record = withHint(fault)
  if (context.isJson) context.printJson({ error: toJsonObject(record) })
  else if (fault instanceof DefinitionProblemsError) context.terminal.err.write(fault.explained)
  else context.terminal.err.write(describe(context, record))
  const level = context.globals.logLevel ?? context.terminal.env['PRSM_LOG_LEVEL']
  if (WITH_STACK.has(level)) context.terminal.err.write(`${stackOf(fault)}\n`)
  return exitCodeOf(record.code)
}

function withHint(fault: unknown): ErrorRecord {
  const record = toErrorRecord(fault)
  return fault instanceof PlatformError ? record : { ...record, hint: OURS }
}

/** What of an error is told. */
export interface ErrorText {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
}

/** An error as people read it: what, what to do, and the name by which it can be looked up. */
export function describe(
  { notePaint, glyphs, terminal: { err } }: Context,
  { code, message, hint }: ErrorText,
): string {
  const fold = (text: string): readonly string[] =>
    err.isInteractive ? text.split('\n').flatMap((line) => wrap(line, err.columns)) : [text]
  const lines = [...fold(`${notePaint.red(`${glyphs.fail} error:`)} ${tame(message)}`)]
  if (hint !== undefined) lines.push(...fold(`  ${notePaint.cyan('hint:')} ${tame(hint)}`))
  lines.push(`  ${notePaint.dim(`code: ${code}`)}`)
  return `${lines.join('\n')}\n`
}

function stackOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  const cause = fault.cause === undefined ? '' : `\ncaused by: ${stackOf(fault.cause)}`
  return tame(fault.stack ?? fault.message) + cause
}
