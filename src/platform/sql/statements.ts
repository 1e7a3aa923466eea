import type { Client, Pool, PoolClient } from 'pg'

import { toSqlError } from './faults.ts'

/** A statement with `$1`-style parameters. A `name` makes it prepared once per connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/** Runs statements on one connection, inside or outside a transaction. */
export interface Sql {
  /** Rows of a statement. Eight-byte integers arrive as `bigint`. @throws StatementError */
  query<Row>(statement: Statement): Promise<readonly Row[]>
}

type Queryable = Pick<Pool, 'query'> | PoolClient | Client

/** Runs a statement wherever `on` says. */
export async function runStatement<Row>(
  on: Queryable,
  statement: Statement,
): Promise<readonly Row[]> {
  const { name, text, values = [] } = statement
  try {
    const result = await on.query({
      ...(name !== undefined && { name }),
      text,
      values: [...values],
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- rows are what the statement selects
    return result.rows as Row[]
  } catch (fault) {
    throw toSqlError(fault)
  }
}

/** Statements on one connection, which stays with the caller. */
export function bindSql(client: PoolClient | Client): Sql {
  return { query: (statement) => runStatement(client, statement) }
}
