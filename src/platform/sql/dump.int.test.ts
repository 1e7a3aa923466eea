import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'

import { exportDatabase, importDatabase } from './dump.ts'
import { migrate, type Migration } from './migrate.ts'

const MIGRATIONS: readonly Migration[] = [
  { id: '1-a', sql: 'create table a (n int8 primary key, j jsonb, t text, at timestamptz)' },
  { id: '2-b', sql: 'create table b (id text, names text[])' },
]
const LATER: Migration = { id: '3-c', sql: `alter table a add column extra text default 'new'` }

let folder: string
let from: TestDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prsm-dump-'))
  from = await createTestDatabase()
  await migrate(from.database, MIGRATIONS)
  await from.database.query({
    text: `insert into a select 9007199254740993 + n, '{"deep": [1.10, "x\\ny"]}', E'tab\\there\\nline', now()
      from generate_series(1, 1200) n`,
  })
  await from.database.query({ text: `insert into b values ('ä', array['p', 'q', null])` })
})
afterAll(async () => {
  await from.drop()
  await rm(folder, { recursive: true, force: true })
})

describe('a file of exported rows', () => {
  test('fills a new database with the same rows, under a later schema', async () => {
    const file = join(folder, 'all')
    expect(await exportDatabase(from.database, file)).toEqual({ tables: 2, rows: 1_201 })
    const to = await createTestDatabase()
    await migrate(to.database, [...MIGRATIONS, LATER])
    expect(await importDatabase(to.database, file, [...MIGRATIONS, LATER])).toEqual({
      tables: 2,
      rows: 1_201,
    })
    const all = { text: 'select n, j, t, at from a order by n' }
    expect(await to.database.query(all)).toEqual(await from.database.query(all))
    const [b] = await to.database.query({ text: 'select * from b' })
    expect(b).toEqual({ id: 'ä', names: ['p', 'q', null] })
    expect(await to.database.query({ text: 'select distinct extra from a' })).toEqual([
      { extra: 'new' },
    ])
    await to.drop()
  })

  test('that is cut off, damaged or something else leaves nothing behind', async () => {
    const file = join(folder, 'whole')
    await exportDatabase(from.database, file)
    const text = await readFile(file, 'utf8')
    const bad = join(folder, 'bad')
    const to = await createTestDatabase()
    const lines = text.trimEnd().split('\n')
    for (const [broken, message] of [
      [lines.slice(0, -1).join('\n'), 'is cut off'],
      [lines.toSpliced(3, 1).join('\n'), 'holds 1200 rows, and says {"rows":1201}'],
      [lines.toSpliced(3, 1, 'drop table a;\t{}').join('\n'), 'is damaged at row 3'],
      ['apiVersion: prsm/v1', 'is not a file that "prsm db export" wrote'],
      ['', 'is not a file that "prsm db export" wrote'],
      ['prsm-database-1\t{"migrations":["99-x"]}', 'was written by a newer PRSM (99-x)'],
    ] as const) {
      await writeFile(bad, broken)
      await expect(importDatabase(to.database, bad, MIGRATIONS)).rejects.toMatchObject({
        code: 'sql.invalid-dump',
        message: `"${bad}" ${message}`,
      })
    }
    expect(await to.database.query({ text: 'select * from a' })).toEqual([])
    await to.drop()
  })

  test('is not imported over other rows', async () => {
    const file = join(folder, 'again')
    await exportDatabase(from.database, file)
    await expect(importDatabase(from.database, file, MIGRATIONS)).rejects.toMatchObject({
      code: 'sql.not-empty',
    })
  })

  test('does not appear when the export fails', async () => {
    const file = join(folder, 'none', 'x')
    await expect(exportDatabase(from.database, file)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
