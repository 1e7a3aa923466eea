import type { Surroundings } from '../../app/surroundings.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Telemetry } from '../../kernel/telemetry.ts'
import { createSystemRandom } from '../../platform/random.ts'
import type { Terminal } from '../../platform/terminal.ts'

/** What differs from one kind of command to another. */
export interface Watching {
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
}

/** What the platform is surrounded by in a process of the command line. */
export function createSurroundings({ env }: Terminal, watching: Watching): Surroundings {
  return {
    ...watching,
    random: createSystemRandom(),
    // An empty variable is how a shell says that there is none.
    secrets: (name) => env[`PRSM_SECRET_${name}`] || undefined,
    keys: (name) => env[name] || undefined,
    environment: env,
  }
}
