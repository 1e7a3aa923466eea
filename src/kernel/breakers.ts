import { z } from 'zod'

import type { EpochMs } from './clock.ts'

/** Where a circuit is. */
export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const

/** Where a circuit is. */
export const circuitState = z.enum(CIRCUIT_STATES).meta({
  id: 'CircuitState',
  description:
    'closed: calls go through; open: they fail at once; half_open: some are let through to see whether it is well again',
})

/** When a circuit opens and closes. */
export const circuitSettings = z
  .strictObject({
    windowMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .describe('How far back calls to a dependency are counted, milliseconds')
      .default(60_000),
    leastCalls: z
      .int()
      .min(1)
      .max(100_000)
      .describe('Calls in that time below which its circuit never opens')
      .default(5),
    faultShare: z
      .number()
      .min(0.01)
      .max(1)
      .describe('Share of them that must have failed for it to open')
      .default(0.5),
    openMs: z
      .int()
      .min(10)
      .max(3_600_000)
      .describe('How long it stays open before calls are tried again, milliseconds')
      .default(10_000),
    trials: z
      .int()
      .min(1)
      .max(100)
      .describe('Calls that are then let through, and must all succeed for it to close')
      .default(1),
  })
  .meta({ id: 'CircuitSettings' })

const bounds = circuitSettings.shape

/** Those of some dependencies, where they differ from the settings of the process. */
export const circuitOverrides = z
  .strictObject({
    windowMs: bounds.windowMs.removeDefault().optional(),
    leastCalls: bounds.leastCalls.removeDefault().optional(),
    faultShare: bounds.faultShare.removeDefault().optional(),
    openMs: bounds.openMs.removeDefault().optional(),
    trials: bounds.trials.removeDefault().optional(),
  })
  .meta({ id: 'CircuitOverrides' })

/** The circuit of one dependency in one process. */
export const circuitReport = z
  .strictObject({
    dependency: z.string().describe('`model:PROVIDER:MODEL`, or `http:HOST`'),
    tenant: z.string().optional().describe('Whose calls it is about; absent: those of everybody'),
    state: circuitState,
    since: z.int(),
    retryAt: z.int().optional().describe('While it is open: when calls are tried again'),
    calls: z.int().min(0).describe('Within the window'),
    faults: z.int().min(0).describe('Of these, how many failed'),
    opened: z.int().min(0).describe('How often it has opened'),
    lastFault: z
      .strictObject({ code: z.string(), at: z.int() })
      .optional()
      .describe('The last call that failed, by the code of its error'),
  })
  .meta({ id: 'Circuit' })

/** Where a circuit is. */
export type CircuitState = z.output<typeof circuitState>
/** When a circuit opens and closes. */
export type CircuitSettings = z.output<typeof circuitSettings>
/** Those of some dependencies. */
export type CircuitOverrides = z.output<typeof circuitOverrides>
/** The circuit of one dependency in one process. */
export type CircuitReport = z.output<typeof circuitReport>

/** Something outside that is called. */
export interface Dependency {
  /** `model:PROVIDER:MODEL` or `http:HOST`. */
  readonly name: string
  /** Whose circuit it is; absent: one for everybody, as what can fail is not in a tenant's hands. */
  readonly tenant?: string | undefined
  /** What differs from the settings of the process. */
  readonly settings?: CircuitOverrides | undefined
}

/**
 * What the fault of a call says about the dependency: it is ill; it answered, and the fault is the
 * caller's own; or nothing, as it was never asked or nobody waited for the answer.
 */
export type FaultVerdict = 'ill' | 'answered' | 'unknown'

/** Why a call is not made, and when the next one may be. */
export interface OpenCircuit {
  readonly dependency: string
  readonly openSince: EpochMs
  readonly retryAt: EpochMs
  /** From now to then, milliseconds. */
  readonly retryAfterMs: number
  /** Code of the last fault. */
  readonly lastFault: string | undefined
}

/** A call that is only made while the circuit of its dependency lets it. */
export interface GuardedCall<Value> {
  readonly dependency: Dependency
  readonly run: () => Promise<Value>
  readonly judge: (fault: unknown) => FaultVerdict
  /** The fault in place of the call. */
  readonly whenOpen: (open: OpenCircuit) => Error
  /** Ends the wait for the outcome of a trial. */
  readonly signal?: AbortSignal | undefined
}

/** A change of a circuit's state. */
export interface CircuitChange {
  readonly dependency: Dependency
  readonly from: CircuitState
  readonly to: CircuitState
}

/** Circuit breakers, one for each dependency; all calls of a process share them. */
export interface Breakers {
  /**
   * Makes the call, or does not. While others try whether the dependency is well again, it waits for
   * what they find.
   *
   * @throws the fault of the call, what `whenOpen` makes, or the signal's reason.
   */
  call<Value>(call: GuardedCall<Value>): Promise<Value>
  list(): readonly CircuitReport[]
  /** Closes circuits, whoever's they are if no tenant is named. @returns how many were not closed */
  reset(dependency: string, tenant?: string): number
  /** Tells of every change of state until the returned function is called. */
  onChange(listener: (change: CircuitChange) => void): () => void
}
