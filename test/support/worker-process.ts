import { openPlatform } from '../../src/app/compose.ts'
import { config } from '../../src/app/config.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openDatabase } from '../../src/platform/sql/database.ts'

import { effectKind } from './effect-kind.ts'
import { realSurroundings } from './platform.ts'

/** A worker in a process of its own: `worker-process.ts URL DATA_DIR`. */
const [url = '', dataDir = ''] = process.argv.slice(2)
const effects = await openDatabase({
  target: { connectionString: url },
  clock: systemClock,
  log: silentLog,
  poolSize: 2,
})
const kind = effectKind(async (key) => {
  await effects.query({ text: 'insert into effects (key) values ($1)', values: [key] })
})
const settings = config.parse({ dataDir, databaseUrl: url, leaseMs: 1_000 })
await openPlatform(settings, realSurroundings(), { worker: 'all', kinds: [kind] })
process.send?.('working')
