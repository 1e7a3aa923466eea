import type { Cost } from './events.ts'
import type { RunState } from './state.ts'

/** Adds what a try has cost to what the run has paid. */
export function pay(state: RunState, { cost }: Cost): void {
  if (cost !== undefined) state.spent += BigInt(cost)
}

/** What the run may still pay beside what is set aside for units in progress, µFTNS; never below 0. */
export function leftToPay({ hold, budget, spent, reserved }: RunState): bigint {
  const left = budget - spent - reserved
  return hold === undefined || left < 0n ? 0n : left
}
