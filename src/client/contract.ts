import type { KeyMethods, MoneyMethods } from './contract/account.ts'
import type { BundleMethods } from './contract/bundles.ts'
import type { DefinitionMethods } from './contract/definitions.ts'
import type { EventMethods } from './contract/events.ts'
import type { HistoryMethods } from './contract/history.ts'
import type { LibraryMethods } from './contract/library.ts'
import type { ProgressMethods, PromiseMethods } from './contract/progress.ts'
import type { QueueMethods } from './contract/queue.ts'
import type { RollbackMethods } from './contract/rollback.ts'
import type { RunMethods } from './contract/runs.ts'
import type { HookMethods, ScheduleMethods } from './contract/schedules.ts'
import type { SecretMethods } from './contract/secrets.ts'
import type { TemplateMethods } from './contract/templates.ts'

/**
 * Everything the API does.
 *
 * @remarks Every method throws `ApiError` when the server refuses, and `UnreachableError` when it
 * is not there. Calls are repeated where that is safe: those that only look, and those that carry
 * an Idempotency-Key, which is all others.
 */
export interface Client
  extends
    BundleMethods,
    DefinitionMethods,
    EventMethods,
    HistoryMethods,
    HookMethods,
    KeyMethods,
    LibraryMethods,
    MoneyMethods,
    ProgressMethods,
    PromiseMethods,
    QueueMethods,
    RollbackMethods,
    RunMethods,
    ScheduleMethods,
    SecretMethods,
    TemplateMethods {}
