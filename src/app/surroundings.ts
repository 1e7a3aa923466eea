import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { Telemetry } from '../kernel/telemetry.ts'

/** What a process of PRSM is surrounded by, beside its settings. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly telemetry: Telemetry
  /** Value of a secret of a workflow, for every tenant; `undefined`: what the tenant has stored. */
  readonly secrets: (name: string) => string | undefined
  /** Environment that `code` steps see; PRSM's own variables are left out anyway. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Key of a model provider, such as `OPENAI_API_KEY`; `undefined` when it is not set. */
  readonly keys: (name: string) => string | undefined
}
