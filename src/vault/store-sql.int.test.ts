import { afterAll, beforeAll } from 'vitest'

import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { migrate } from '../platform/sql/migrate.ts'

import { createSqlVaultStore, VAULT_MIGRATIONS } from './store-sql.ts'
import { describeVaultStore } from './testing.ts'

let fixture: TestDatabase
beforeAll(async () => {
  fixture = await createTestDatabase()
  await migrate(fixture.database, VAULT_MIGRATIONS)
})
afterAll(() => fixture.drop())

describeVaultStore('PostgreSQL', async () => {
  await fixture.database.query({ text: 'truncate secrets, tenant_keys' })
  return createSqlVaultStore(fixture.database)
})
