import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { EngineFailedError } from './errors.ts'
import type { Identity } from './identity.ts'
import { DATABASE_OWNER } from './settings.ts'

const run = promisify(execFile)

/**
 * Locale `C` and the builtin provider: sorting and case rules come from PostgreSQL itself, so that
 * neither another libc nor a missing locale of the system can break an index or the start.
 */
const ARGUMENTS: readonly string[] = [
  `--username=${DATABASE_OWNER}`,
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--auth-local=trust',
  '--auth-host=reject',
]

/**
 * Statements for single-user mode, one a line. Two databases are enough: without `template0` the
 * first start has 300 files less to write. The switch leaves the log of initdb behind, so that the
 * template needs only one, nearly empty, segment.
 */
const STATEMENTS: readonly string[] = [
  `update pg_database set datistemplate = false where datname = 'template0'`,
  'drop database template0',
  `alter database postgres rename to ${DATABASE_OWNER}`,
  'vacuum freeze pg_database',
  'select pg_switch_wal()',
  'checkpoint',
]

/**
 * Makes the data directory `data` as a user who is not root; takes about a second.
 *
 * @throws {@link EngineFailedError} with what it said.
 */
export async function runInitdb(
  native: string,
  { data, owner }: { readonly data: string; readonly owner: Identity },
): Promise<void> {
  const settings = ['-c', 'wal_level=minimal', '-c', 'max_wal_senders=0']
  try {
    await run(join(native, 'bin/initdb'), ['--pgdata', data, ...ARGUMENTS], owner)
    const single = ['--single', '-D', data, ...settings, 'template1']
    const shell = run(join(native, 'bin/postgres'), single, owner)
    shell.child.stdin?.end(`${STATEMENTS.join('\n')}\n`)
    await shell
  } catch (fault) {
    if (!(fault instanceof Error && 'stderr' in fault)) throw fault
    const lastLines = String(fault.stderr).split('\n').filter(Boolean).slice(-8)
    const failure = { problem: 'could not be prepared', folder: dirname(data), lastLines }
    throw new EngineFailedError(failure, { cause: fault })
  }
}
