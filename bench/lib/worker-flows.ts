import { z } from 'zod'

import type { StepKind } from '../../src/index.ts'

import { loadProduct } from './product.ts'

/** Steps which do nothing: one ends at once, one after a while, one holds on while it is told to. */
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
  const other = defineStepKind({
    name: 'bench.other',
    summary: 'Waits for something that happens elsewhere, as for the answer of a model.',
    with: z.strictObject({}),
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
      return { output: { ok: true } }
    },
  })
  return [nothing, hold, other]
}

/** How long a step of `bench.other` takes, milliseconds. */
export const WAIT_MS = 100

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
  /** Three steps that wait for somebody else, one after the other. */
  waits: definition('bench-waits', {
    a: { uses: 'bench.other' },
    b: { uses: 'bench.other', needs: 'a' },
    c: { uses: 'bench.other', needs: 'b' },
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
