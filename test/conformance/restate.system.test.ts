import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from '../../bench/lib/postgres.ts'
import { createRestateProcess, installRestate } from '../../bench/lib/restate.ts'
import { present } from '../../src/kernel/present.ts'
import { createTestDatabase } from '../support/database.ts'
import { toUrl } from '../support/platform.ts'

import { openStage, type Stage } from './stage.ts'
import { conformance } from './suite.ts'

const folder = installRestate()

async function open(installed: string): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'prsm-restate-'))
  const server = await createRestateProcess(installed, dataDir)
  await server.start()
  const fixture = await createTestDatabase()
  return openStage({
    settings: {
      databaseUrl: toUrl(fixture.target),
      workflowHost: 'restate',
      restateUrl: server.ingressUrl,
      restateAdminUrl: server.adminUrl,
      restatePort: await freePort(),
    },
    async killServer() {
      await server.kill()
      await server.start()
    },
    async cleanUp() {
      await server.kill()
      await fixture.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  })
}

conformance({
  name: 'Restate',
  isLeftOutFor:
    folder === undefined ? '@restatedev/restate-server cannot be installed from npm' : undefined,
  open: () => open(present(folder)),
})
