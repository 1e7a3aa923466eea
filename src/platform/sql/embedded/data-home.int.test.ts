import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { IS_ROOT, openHere, STRANGER, useWorkplace } from './testing.ts'

const place = useWorkplace()

describe('a data directory is refused', () => {
  test('that is a file, or lies below one', async () => {
    const file = join(place.folder(), 'file')
    writeFileSync(file, '')
    for (const dataDir of [file, join(file, 'below')]) {
      await expect(openHere(dataDir)).rejects.toMatchObject({
        code: 'sql.data-dir',
        message: expect.stringContaining(`"${dataDir}" is`),
      })
    }
  })

  test.each([
    ['without our record', undefined],
    ['with a broken record', '{'],
    ['of another engine', '{"engine":"pglite"}'],
  ])('whose folder "postgres" is %s', async (_case, record) => {
    const dataDir = place.folder()
    mkdirSync(join(dataDir, 'postgres/data'), { recursive: true })
    writeFileSync(join(dataDir, 'postgres/data/PG_VERSION'), '18\n')
    if (record !== undefined) writeFileSync(join(dataDir, 'postgres/engine.json'), record)
    await expect(openHere(dataDir)).rejects.toMatchObject({
      code: 'sql.data-dir',
      message: expect.stringContaining('is not a PostgreSQL data folder of PRSM'),
    })
  })

  test('made by another major version, and not touched', async () => {
    const dataDir = await place.dataDir()
    const folder = join(dataDir, 'postgres')
    writeFileSync(join(folder, 'data/PG_VERSION'), '17\n')
    const before = listing(folder)
    await expect(openHere(dataDir)).rejects.toMatchObject({
      code: 'sql.engine-version',
      message: `"${folder}" holds data of PostgreSQL 17, but this PRSM brings PostgreSQL 18`,
      hint: expect.stringMatching(/prsm db export FILE.*prsm db import FILE.*PRSM_DATABASE_URL/),
    })
    expect(listing(folder)).toEqual(before)
  })

  test.skipIf(!IS_ROOT)('of another user, or that may not be written (needs root)', async () => {
    const dataDir = await place.dataDir()
    const database = await openHere(dataDir)
    const child = place.child(STRANGER)
    await expect(child.ask('open', { dataDir })).rejects.toMatchObject({
      code: 'sql.data-dir',
      message: expect.stringMatching(/postgres" belongs to user 65534, PRSM runs as 12345/),
    })
    await database.close({ wait: true })
    const locked = place.folder()
    chmodSync(locked, 0o755)
    await expect(child.ask('open', { dataDir: locked })).rejects.toMatchObject({
      code: 'sql.data-dir',
      message: expect.stringContaining(`"${locked}/postgres" is not accessible to this user`),
    })
  })
})

function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
    .toSorted()
}
