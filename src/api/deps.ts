import type { Access, Principal } from '../access/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Journal } from '../kernel/journal.ts'
import type { Log } from '../kernel/log.ts'
import type { Ledger } from '../ledger/index.ts'
import type { Bundles, Library, Templates } from '../library/index.ts'
import type { Models } from '../models/index.ts'
import type { Pricing } from '../pricing/index.ts'
import type { Progress } from '../progress/index.ts'
import type { Vault } from '../vault/index.ts'
import type {
  BreakerWatch,
  ChunkStore,
  History,
  Queue,
  Rollbacks,
  Schedules,
  StepKinds,
  Workflows,
} from '../workflow/index.ts'

import type { RunFiles } from './files/run-files.ts'
import type { Effect, Idempotency } from './idempotency/idempotency.ts'
import type { IdempotencyStore } from './idempotency/store.ts'

/** What the server asks of workflows. */
export type ApiWorkflows = Pick<
  Workflows,
  'check' | 'quote' | 'submit' | 'getRun' | 'listRuns' | 'getDefinition' | 'control' | 'signal'
>

/** The services that the HTTP layer exposes, and what it needs itself. */
export interface ApiDeps {
  readonly workflows: ApiWorkflows
  readonly queue: Queue
  readonly breakers: BreakerWatch
  readonly library: Library
  readonly templates: Templates
  readonly schedules: Schedules
  readonly history: History
  readonly rollbacks: Rollbacks
  readonly bundles: Bundles
  readonly ledger: Pick<Ledger, 'findBalance' | 'listTransfers'>
  readonly journal: Journal
  readonly chunks: Pick<ChunkStore, 'read' | 'follow'>
  readonly progress: Omit<Progress, 'check' | 'checkAll'>
  readonly pricing: Pick<Pricing, 'list'>
  readonly models: Pick<Models, 'listProviders' | 'resolve' | 'defaultNotice'>
  readonly access: Access
  readonly vault: Pick<Vault, 'setSecret' | 'listSecrets' | 'removeSecret' | 'rotate'>
  readonly kinds: StepKinds
  readonly runFiles: RunFiles
  readonly idempotency: IdempotencyStore
  /** Resolves when the database answers. */
  readonly ping: () => Promise<unknown>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly version: string
  readonly auth: ApiAuth
  /** Aborts when the server begins to close: streams end, and `ready` says no. */
  readonly closing?: AbortSignal
  readonly options?: ApiOptions
}

/** How a caller is known: by key, or not at all because it is this very process. */
export type ApiAuth =
  | { readonly kind: 'keys' }
  /** No keys and no limits: only for calls inside one process, never behind a port. */
  | { readonly kind: 'trusted'; readonly tenant: string }

/** Limits and permissions of the HTTP layer. */
export interface ApiOptions {
  /** Largest body, bytes. @defaultValue 1_048_576 */
  readonly bodyLimitBytes?: number
  /** How fast a key may send requests. @defaultValue 50 a second, 100 at once */
  readonly rate?: RateLimit
  /** Streams of events open at once. @defaultValue 2_000 */
  readonly maxStreams?: number
  /** Silence after which a stream shows that it lives, ms. @defaultValue 15_000 */
  readonly heartbeatMs?: number
  /** Pages of other origins that may call, such as `https://app.example`. @defaultValue none */
  readonly corsOrigins?: readonly string[]
}

/** A token bucket. */
export interface RateLimit {
  /** Requests a second in the long run, above 0. */
  readonly perSecond: number
  /** Requests at once, at least 1. */
  readonly burst: number
}

/** What is known of a request while it is handled. */
export interface ApiEnv {
  readonly Variables: {
    requestId: string
    principal: Principal
    idempotency: Idempotency
    /** The one effect of a request that carries an Idempotency-Key. */
    effect: Effect | undefined
    /** The text of a JSON body; empty when there is none. */
    bodyText: string
    /** Whether the response holds a secret, which must not be kept. */
    isSecret: boolean
  }
}
