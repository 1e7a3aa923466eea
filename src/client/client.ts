import type { Client } from './contract.ts'
import { keyMethods, moneyMethods } from './methods/account.ts'
import { bundleMethods } from './methods/bundles.ts'
import { definitionMethods } from './methods/definitions.ts'
import { eventMethods } from './methods/events.ts'
import { historyMethods } from './methods/history.ts'
import { libraryMethods } from './methods/library.ts'
import { progressMethods, promiseMethods } from './methods/progress.ts'
import { queueMethods } from './methods/queue.ts'
import { rollbackMethods } from './methods/rollback.ts'
import { runMethods } from './methods/runs.ts'
import { hookMethods, scheduleMethods } from './methods/schedules.ts'
import { secretMethods } from './methods/secrets.ts'
import { templateMethods } from './methods/templates.ts'
import { type Backoff, pause, type Pause } from './timing.ts'
import { createTransport, type FetchLike } from './transport.ts'

/** Where the API is, and how it is called. */
export interface ClientOptions {
  /** Such as `http://127.0.0.1:7077`. */
  readonly baseUrl: string
  /** `prsm_…`; not needed by an application in the same process. */
  readonly apiKey?: string | undefined
  /** @defaultValue the platform's */
  readonly fetch?: FetchLike
  /** Tries of a call, the first one included. @defaultValue 4 */
  readonly attempts?: number
  /** @defaultValue 200 ms, growing to 5 s */
  readonly backoff?: Backoff
  /** How long one try may take, ms; streams and downloads only until they begin. @defaultValue 30_000 */
  readonly timeoutMs?: number
  /** How waits between tries are made; tests replace it. @defaultValue timers */
  readonly pause?: Pause
}

/** Builds a client of the API; it opens nothing before the first call. */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport({
    apiKey: undefined,
    fetch: (url, init) => fetch(url, init),
    attempts: 4,
    backoff: { initialMs: 200, maxMs: 5_000 },
    timeoutMs: 30_000,
    pause,
    ...options,
  })
  return {
    ...definitionMethods(transport),
    ...runMethods(transport),
    ...libraryMethods(transport),
    ...templateMethods(transport),
    ...historyMethods(transport),
    ...bundleMethods(transport),
    ...eventMethods(transport),
    ...scheduleMethods(transport),
    ...hookMethods(transport),
    ...progressMethods(transport),
    ...promiseMethods(transport),
    ...moneyMethods(transport),
    ...keyMethods(transport),
    ...queueMethods(transport),
    ...rollbackMethods(transport),
    ...secretMethods(transport),
  }
}
