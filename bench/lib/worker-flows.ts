import { z } from 'zod'

import type { StepKind } from '../../src/index.ts'

import { loadProduct } from './product.ts'

/** Steps which do nothing: one that ends at once, and one that holds on while it is told to. */
export async function benchKinds(isHolding: boolean): Promise<readonly StepKind[]> {
  const { defineStepKind } = await loadProduct()
  const nothing = defineStepKind({
    name: 'bench.nothing',
    summary: 'Does nothing.',
    with: z.strictObject({}),
    run: async () => ({ output: { ok: true } }),
  })
  const hold = defineStepKind({
    name: 'bench.hold',
    summary: 'Holds on until its worker is gone.',
    with: z.strictObject({}),
    run: async () => (isHolding ? new Promise<never>(() => undefined) : { output: { ok: true } }),
  })
  return [nothing, hold]
}

const definition = (name: string, steps: Record<string, object>): Record<string, unknown> => ({
  apiVersion: 'prsm/v1',
  name,
  steps,
})

/** The workflows of the benchmarks that use processes of their own. */
export const FLOWS = {
  /** Three steps that do nothing, one after the other. */
  three: definition('bench-three', {
    a: { uses: 'bench.nothing' },
    b: { uses: 'bench.nothing', needs: 'a' },
    c: { uses: 'bench.nothing', needs: 'b' },
  }),
  /** A step is under way. */
  holding: definition('bench-holding', {
    a: { uses: 'bench.nothing' },
    b: { uses: 'bench.hold', needs: 'a' },
  }),
  /** A step waits for a signal. */
  waiting: definition('bench-waiting', {
    a: { uses: 'bench.nothing' },
    b: { uses: 'wait', with: { signal: 'go' }, needs: 'a' },
  }),
} as const

export type FlowName = keyof typeof FLOWS
