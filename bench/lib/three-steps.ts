import { z } from 'zod'

import type { OpenOptions, Prsm } from '../../src/index.ts'

import { loadProduct } from './product.ts'

/** What a while of 3-step runs showed. */
export interface Load {
  readonly stepsPerS: number
  /** From the end of one step to the beginning of the next, milliseconds. */
  readonly gapsMs: readonly number[]
}

/** Opens PRSM with a workflow of three steps that do nothing, and drives it as `load` tells. */
export async function openThreeSteps(where: OpenOptions): Promise<{
  readonly prsm: Prsm
  readonly load: (terms: LoadTerms) => Promise<Load>
}> {
  const { defineWorkflow, openPrsm } = await loadProduct()
  const gapsMs: number[] = []
  const next = (ended: number): number => {
    gapsMs.push(performance.now() - ended)
    return performance.now()
  }
  const flow = defineWorkflow({ name: 'three', inputs: z.object({}) })
    .step('a', { run: async () => performance.now() })
    .step('b', { needs: ['a'], run: async ({ steps }) => next(steps.a) })
    .step('c', { needs: ['b'], run: async ({ steps }) => next(steps.b) })
    .build()
  const prsm = await openPrsm({ ...where, claims: false, workflows: [flow] })
  return {
    prsm,
    async load({ inFlight, warmUpMs, ms }) {
      const state = { done: 0, isOver: false }
      const one = async (): Promise<void> => {
        while (!state.isOver) {
          await prsm.run(flow, {})
          state.done++
        }
      }
      const loops = Array.from({ length: inFlight }, one)
      await new Promise((resolve) => setTimeout(resolve, warmUpMs))
      state.done = 0
      gapsMs.length = 0
      const start = performance.now()
      await new Promise((resolve) => setTimeout(resolve, ms))
      const stepsPerS = (3 * state.done) / ((performance.now() - start) / 1_000)
      const gaps = [...gapsMs]
      state.isOver = true
      await Promise.all(loops)
      return { stepsPerS, gapsMs: gaps }
    },
  }
}

export interface LoadTerms {
  /** Runs under way at once. */
  readonly inFlight: number
  readonly warmUpMs: number
  readonly ms: number
}
