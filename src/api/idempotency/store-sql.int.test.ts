import { afterAll, beforeAll } from 'vitest'

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { migrate } from '../../platform/sql/migrate.ts'

import { API_MIGRATIONS, createSqlIdempotencyStore } from './store-sql.ts'
import { describeIdempotencyStore } from './testing.ts'

let fixture: TestDatabase
beforeAll(async () => {
  fixture = await createTestDatabase()
  await migrate(fixture.database, API_MIGRATIONS)
})
afterAll(() => fixture.drop())

describeIdempotencyStore('PostgreSQL', async () => {
  await fixture.database.query({ text: 'truncate idempotency_keys' })
  return createSqlIdempotencyStore(fixture.database)
})
