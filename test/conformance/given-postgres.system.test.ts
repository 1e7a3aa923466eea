import { inject } from 'vitest'

import { createTestDatabase } from '../support/database.ts'
import { toUrl } from '../support/platform.ts'

import { openStage } from './stage.ts'
import { conformance } from './suite.ts'

const isGiven = inject('postgres').connectionString !== undefined

conformance({
  name: 'given PostgreSQL',
  isLeftOutFor: isGiven ? undefined : 'PRSM_TEST_DATABASE_URL is not set',
  async open() {
    const fixture = await createTestDatabase()
    return openStage({
      settings: { databaseUrl: toUrl(fixture.target) },
      cleanUp: () => fixture.drop(),
    })
  },
})
