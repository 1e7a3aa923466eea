import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'

import type { Database } from './database.ts'
import { DatabaseNotEmptyError, InvalidDumpError } from './errors.ts'
import { migrate, type Migration } from './migrate.ts'
import type { Sql } from './statements.ts'

/** What a file of rows begins and ends with, and what its rows are named by, before the tab. */
const HEAD = 'prsm-database-1'
const END = 'end'
const ROWS_AT_ONCE = 500
const TABLE = /^[a-z_][a-z0-9_]*$/

/** How much was written or read. */
export interface DumpSize {
  readonly tables: number
  readonly rows: number
}

/**
 * Writes every row of every table, as of one instant, into a file of text lines.
 *
 * @remarks A line is a table's name, a tab and the row as JSON. The file appears under its name when
 * it is whole; others may go on working meanwhile.
 */
export async function exportDatabase(database: Database, file: string): Promise<DumpSize> {
  const part = `${file}.part`
  try {
    const size = await database.transaction(async (sql) => {
      await sql.query({ text: 'set transaction isolation level repeatable read, read only' })
      return writeTables(sql, part)
    })
    await rename(part, file)
    return size
  } catch (fault) {
    await rm(part, { force: true })
    throw fault
  }
}

async function writeTables(sql: Sql, path: string): Promise<DumpSize> {
  const output = await open(path, 'w', 0o600)
  try {
    const history = await sql.query<{ id: string }>({
      text: 'select id from schema_migrations order by id',
    })
    const migrations = history.map(({ id }) => id)
    await output.write(`${HEAD}\t${JSON.stringify({ migrations })}\n`)
    const tables = await listTables(sql)
    let rows = 0
    for (const table of tables) {
      await sql.query({
        text: `declare rows no scroll cursor for select row_to_json("whole row")::text as row from "${table}" "whole row"`,
      })
      for (;;) {
        const found = await sql.query<{ row: string }>({ text: `fetch ${ROWS_AT_ONCE} from rows` })
        if (found.length === 0) break
        await output.write(found.map(({ row }) => `${table}\t${row}\n`).join(''))
        rows += found.length
      }
      await sql.query({ text: 'close rows' })
    }
    await output.write(`${END}\t${JSON.stringify({ rows })}\n`)
    await output.sync()
    return { tables: tables.length, rows }
  } finally {
    await output.close()
  }
}

async function listTables(sql: Sql): Promise<readonly string[]> {
  const found = await sql.query<{ name: string }>({
    text: `select tablename as name from pg_tables
      where schemaname = current_schema() and tablename <> 'schema_migrations' order by 1`,
  })
  return found.map(({ name }) => name)
}

/**
 * Fills a database, which must hold nothing yet, from such a file: all of it, or nothing.
 *
 * @remarks The schema is first built as it was when the file was written, then filled, then brought
 * up to date.
 * @throws {@link InvalidDumpError} the file is something else, cut off or damaged.
 * @throws {@link DatabaseNotEmptyError}
 */
export async function importDatabase(
  database: Database,
  file: string,
  migrations: readonly Migration[],
): Promise<DumpSize> {
  const input = createReadStream(file, { encoding: 'utf8' })
  try {
    const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]()
    const head = await readHead(lines, file)
    const known = new Set(migrations.map(({ id }) => id))
    const unknown = head.filter((id) => !known.has(id))
    if (unknown.length > 0)
      throw new InvalidDumpError(file, `was written by a newer PRSM (${unknown.join(', ')})`)
    await refuseRows(database)
    const then = new Set(head)
    await migrate(
      database,
      migrations.filter(({ id }) => then.has(id)),
    )
    const size = await database.transaction((sql) => readRows(sql, lines, file))
    await migrate(database, migrations)
    return size
  } finally {
    input.destroy()
  }
}

async function readHead(lines: AsyncIterator<string>, file: string): Promise<readonly string[]> {
  const { value, done = false } = await lines.next()
  const match = done ? null : new RegExp(`^${HEAD}\\t(.+)$`).exec(value)
  const head: unknown = match?.[1] === undefined ? undefined : parse(match[1], file)
  const isHead = typeof head === 'object' && head !== null && 'migrations' in head
  if (!isHead || !Array.isArray(head.migrations))
    throw new InvalidDumpError(file, 'is not a file that "prsm db export" wrote')
  return head.migrations.map(String)
}

/** A schema without rows may stand there: opening a database makes one. */
async function refuseRows(database: Database): Promise<void> {
  const tables = await listTables(database)
  for (const table of tables) {
    const [row] = await database.query({ text: `select 1 from "${table}" limit 1` })
    if (row !== undefined) throw new DatabaseNotEmptyError(database.where, table)
  }
  const drops = [...tables, 'schema_migrations'].map((table) => `drop table if exists "${table}"`)
  await database.transaction((sql) => sql.query({ text: drops.join(';') }))
}

/** Rows of one table, gathered to be inserted together. */
interface Batch {
  readonly table: string
  readonly rows: string[]
}

async function readRows(sql: Sql, lines: AsyncIterator<string>, file: string): Promise<DumpSize> {
  const tables = new Set<string>()
  let rows = 0
  let batch: Batch = { table: '', rows: [] }
  for (;;) {
    const { value, done = false } = await lines.next()
    if (done) throw new InvalidDumpError(file, 'is cut off')
    const { table, json } = splitOnce(value)
    const isFull = batch.rows.length === ROWS_AT_ONCE
    if (isFull || (table !== batch.table && batch.rows.length > 0)) await insert(sql, batch)
    if (table === END) {
      checkEnd(json, rows, file)
      return { tables: tables.size, rows }
    }
    if (!TABLE.test(table)) throw new InvalidDumpError(file, `is damaged at row ${rows + 1}`)
    if (isFull || table !== batch.table) batch = { table, rows: [] }
    batch.rows.push(json)
    tables.add(table)
    rows++
  }
}

function checkEnd(json: string, rows: number, file: string): void {
  const end: unknown = parse(json, file)
  const isRight = typeof end === 'object' && end !== null && 'rows' in end && end.rows === rows
  if (!isRight) throw new InvalidDumpError(file, `holds ${rows} rows, and says ${json}`)
}

/** PostgreSQL parses the rows: JavaScript would round their long numbers. */
async function insert(sql: Sql, { table, rows }: Batch): Promise<void> {
  await sql.query({
    text: `insert into "${table}" select * from json_populate_recordset(null::"${table}", $1::json)`,
    values: [`[${rows.join(',')}]`],
  })
}

function splitOnce(line: string): { readonly table: string; readonly json: string } {
  const at = line.indexOf('\t')
  return { table: line.slice(0, Math.max(0, at)), json: line.slice(at + 1) }
}

function parse(json: string, file: string): unknown {
  try {
    return JSON.parse(json)
  } catch (fault) {
    throw new InvalidDumpError(file, 'is damaged', { cause: fault })
  }
}
