import { afterAll, beforeAll } from 'vitest'

import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { migrate } from '../../platform/sql/migrate.ts'

import { createSqlProgressStore, PROGRESS_MIGRATIONS } from './store-sql.ts'
import { describeProgressStore } from './testing.ts'

let fixture: TestDatabase
beforeAll(async () => {
  fixture = await createTestDatabase()
  await migrate(fixture.database, PROGRESS_MIGRATIONS)
})
afterAll(() => fixture.drop())

describeProgressStore('PostgreSQL', async () => {
  await fixture.database.query({
    text: 'truncate progress_positions, progress_runs, progress_steps, progress_slas, progress_alerts',
  })
  return createSqlProgressStore(fixture.database)
})
