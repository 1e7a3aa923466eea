import { appendFile } from 'node:fs/promises'

import { openPlatform } from '../../src/app/compose.ts'
import { config } from '../../src/app/config.ts'
import { effectKind } from '../support/effect-kind.ts'
import { realSurroundings } from '../support/platform.ts'

/** A worker in a process of its own: `worker.ts SETTINGS ACTS_FILE`. */
const [settings = '{}', acts = ''] = process.argv.slice(2)
const kind = effectKind((key) => appendFile(acts, `${key}\n`))
await openPlatform(config.parse(JSON.parse(settings)), realSurroundings(), {
  worker: 'all',
  kinds: [kind],
})
// Where a host keeps nothing open by itself.
setInterval(() => undefined, 60_000)
process.send?.('working')
