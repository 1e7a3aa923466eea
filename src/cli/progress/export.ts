import { writeFile } from 'node:fs/promises'

import type { TraceFormat } from '../../client/index.ts'
import { isErrno } from '../../kernel/errno.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { FileError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'

/** Options of `prsm export`. */
export interface ExportFlags {
  readonly format: TraceFormat
  readonly output?: string
}

/** `prsm export RUN` */
export async function exportRun(
  context: Context,
  given: string,
  { format, output }: ExportFlags,
): Promise<ExitCode> {
  const trace = await withSession(context, 'none', async ({ client }) =>
    client.trace(await findRun(client, given), format),
  )
  if (output === undefined) context.printJson(trace)
  else {
    await write(output, `${JSON.stringify(trace)}\n`)
    if (context.isJson) context.printJson({ file: output, format })
    else context.note(`written to ${output}`)
  }
  return EXIT.done
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (fault) {
    if (isErrno(fault)) throw new FileError(path, fault, { action: 'written' })
    throw fault
  }
}
