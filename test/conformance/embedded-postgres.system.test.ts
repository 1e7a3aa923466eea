import { expect } from 'vitest'

import { present } from '../../src/kernel/present.ts'
import { runningServer } from '../../src/platform/sql/embedded/testing.ts'

import { openStage } from './stage.ts'
import { conformance } from './suite.ts'

conformance({
  name: 'embedded PostgreSQL',
  open: () =>
    openStage({
      settings: {},
      async killServer(dataDir) {
        process.kill(present(await runningServer(dataDir), 'a server'), 'SIGKILL')
        // Whoever uses it starts it again.
        await expect.poll(() => runningServer(dataDir)).toBeDefined()
      },
    }),
})
