import type { CrashPoint } from '../../src/app/crash-points.ts'

/** What is done to a worker. */
export const FAULTS = ['kill', 'stop', 'partition', 'skew', 'database'] as const
/** A kind of fault. */
export type Fault = (typeof FAULTS)[number]

/** Where a fault meets a worker: crash points of the product, and where a step has acted outside. */
export type Point = CrashPoint | 'effect.acted'

/** What a worker is told. */
export type Order =
  /** Meet `fault` when `point` is reached once more than `skip` times. */
  | { readonly kind: 'arm'; readonly point: Point; readonly skip: number; readonly fault: Fault }
  | { readonly kind: 'disarm' }
  /** What was to be done to it at the point is done. */
  | { readonly kind: 'go' }
  /** Its clock is wrong by so much from now on. */
  | { readonly kind: 'skew'; readonly ms: number }

/** What a worker tells. */
export type Notice =
  | { readonly kind: 'working' }
  /** It is at the point it was told of; a fault from inside follows, or it waits for one from outside. */
  | { readonly kind: 'struck'; readonly point: Point; readonly fault: Fault }

/** How a worker process is started. */
export interface WorkerArguments {
  readonly settings: Readonly<Record<string, unknown>>
  /** File in which each act leaves a line. */
  readonly acts: string
  /** File in which each point that is passed leaves a line. */
  readonly passes: string
  readonly skewMs: number
}
