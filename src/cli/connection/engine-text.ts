import type { OpenDatabase } from '../../app/database.ts'

/** The database in words: `embedded PostgreSQL 18.4`, or `your PostgreSQL 17.2` when a URL names it. */
export function engineText({ kind, version }: OpenDatabase['engine']): string {
  return `${kind === 'embedded' ? 'embedded' : 'your'} PostgreSQL ${version}`
}
