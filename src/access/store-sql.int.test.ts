import { afterAll, beforeAll } from 'vitest'

import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { migrate } from '../platform/sql/migrate.ts'

import { ACCESS_MIGRATIONS, createSqlKeyStore } from './store-sql.ts'
import { describeKeyStore } from './testing.ts'

let fixture: TestDatabase
beforeAll(async () => {
  fixture = await createTestDatabase()
  await migrate(fixture.database, ACCESS_MIGRATIONS)
})
afterAll(() => fixture.drop())

describeKeyStore('PostgreSQL', async () => {
  await fixture.database.query({ text: 'truncate api_keys' })
  return createSqlKeyStore(fixture.database)
})
