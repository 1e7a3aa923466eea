import type { Generation } from '../schema.ts'

import type { Verdict } from './contract.ts'
import { addUsage, type Turn } from './generation.ts'

/** What all turns of a request came to. */
export interface Outcome {
  /** The last turn, with the usage and warnings of all. */
  readonly turn: Turn
  readonly attempts: number
  /** How long they waited for their turn, milliseconds. */
  readonly queuedMs: number
  readonly verdict: Extract<Verdict, { kind: 'done' }>
}

/** The outcome of a repair turn together with the turn it repaired. */
export function addOutcome(first: Omit<Outcome, 'verdict'>, repaired: Outcome): Outcome {
  const { turn } = repaired
  const warnings = [
    ...new Set([...first.turn.warnings, ...turn.warnings, 'the output was repaired']),
  ]
  return {
    ...repaired,
    turn: { ...turn, usage: addUsage(first.turn.usage, turn.usage), warnings },
    attempts: first.attempts + repaired.attempts,
    queuedMs: first.queuedMs + repaired.queuedMs,
  }
}

/** The finished answer of a request. */
export function toGeneration(
  { turn, attempts, queuedMs, verdict }: Outcome,
  origin: { readonly reference: string; readonly provider: string; readonly latencyMs: number },
): Generation {
  const { output, dropped } = verdict
  return {
    ...turn,
    ...(output === undefined ? {} : { output }),
    ...(dropped === undefined ? {} : { dropped }),
    model: origin.reference,
    provider: origin.provider,
    latencyMs: origin.latencyMs,
    queuedMs,
    attempts,
  }
}
