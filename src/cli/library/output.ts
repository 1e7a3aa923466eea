import { writeFile } from 'node:fs/promises'

import type { SavedWorkflow } from '../../client/index.ts'
import { isErrno } from '../../kernel/errno.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { withSession } from '../connection/session.ts'
import type { Session } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { FileError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { type Column, renderTable } from '../text/table.ts'

/** Does something with one call, and says in a line what came of it. */
export async function change<Value extends object>(
  context: Context,
  work: (session: Session) => Promise<Value>,
  told: (value: Value) => string,
): Promise<ExitCode> {
  const value = await withSession(context, 'none', work)
  if (context.isJson) context.printJson(toJson(value))
  else context.print(told(value))
  return EXIT.done
}

/** The same for changes of a workflow. */
export function changeWorkflow(
  context: Context,
  work: (session: Session) => Promise<SavedWorkflow>,
  told: (workflow: SavedWorkflow) => string,
): Promise<ExitCode> {
  return change(context, work, told)
}

/** The lines of a table of plain texts. */
export function plainTable(
  { terminal, paint, glyphs }: Context,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return renderTable({
    columns,
    rows: rows.map((row) => row.map((text) => ({ text }))),
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** A definition as people write it. */
export async function toYaml(definition: JsonObject): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(definition, { lineWidth: 100 }).trimEnd()
}

/** Writes a file that is not there yet. */
export async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (fault) {
    if (isErrno(fault)) {
      const hint = fault.code === 'EEXIST' ? 'choose another name' : 'check the path'
      throw new FileError(file, fault, { action: 'written', hint })
    }
    throw fault
  }
}
