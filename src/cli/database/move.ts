import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

import { MIGRATIONS, type OpenDatabase, openPlatformDatabase } from '../../app/database.ts'
import { isErrno } from '../../kernel/errno.ts'
import { exportDatabase, importDatabase } from '../../platform/sql/dump.ts'
import { createLineLog, createLogSink } from '../connection/line-log.ts'
import { readSettings } from '../connection/settings.ts'
import type { Context } from '../context.ts'
import { FileError, FileExistsError, UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

/** `prsm db export` */
export async function exportTo(
  context: Context,
  file: string,
  { force = false }: { readonly force?: boolean },
): Promise<ExitCode> {
  if (!force && existsSync(file)) throw new FileExistsError([file])
  const { rows, tables } = await withDatabase(context, async ({ database }) =>
    naming(file, 'written', () => exportDatabase(database, file)),
  )
  if (context.isJson) context.printJson({ file: resolve(file), rows, tables })
  else {
    context.print(`${file} holds ${rows} rows of ${tables} tables`)
    context.note(
      'files of runs and the master key are not in it: copy "runs" and "master.key" of the data directory as well',
    )
  }
  return EXIT.done
}

/** `prsm db import` */
export async function importFrom(context: Context, file: string): Promise<ExitCode> {
  const { rows, tables } = await withDatabase(context, ({ database }) =>
    naming(file, 'read', () => importDatabase(database, file, MIGRATIONS)),
  )
  if (context.isJson) context.printJson({ file: resolve(file), rows, tables })
  else context.print(`${rows} rows of ${tables} tables are read in`)
  return EXIT.done
}

/** `prsm db url` */
export async function printUrl(context: Context): Promise<ExitCode> {
  const url = await withDatabase(context, async (opened) => opened.url)
  if (context.isJson) context.printJson({ url })
  else context.print(url)
  return EXIT.done
}

/** Opens the database of the settings, does `work` with it and closes it. */
export async function withDatabase<Value>(
  context: Context,
  work: (opened: OpenDatabase) => Promise<Value>,
): Promise<Value> {
  const settings = readSettings(context)
  if (settings.server !== undefined) {
    throw new UsageError('this command works on a database, not through a server', {
      hint: 'run it without --server and PRSM_SERVER where the database is',
    })
  }
  const { clock } = context
  const log = createLineLog(
    settings.logLevel,
    createLogSink((line) => context.note(line)),
  )
  const opened = await openPlatformDatabase(settings, { clock, log })
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** Faults of the file system name the file. */
async function naming<Value>(
  file: string,
  action: 'read' | 'written',
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work()
  } catch (fault) {
    const isOfFile = isErrno(fault) && fault.path !== undefined
    throw isOfFile ? new FileError(file, fault, { action }) : fault
  }
}
