import { z } from 'zod'

import { PlatformError } from '../../src/kernel/errors.ts'
import type { Usage } from '../../src/kernel/usage.ts'
import { defineStepKind, type StepKind } from '../../src/workflow/index.ts'

const parameters = z.strictObject({
  /** What each try uses up, µFTNS; the last one for all further tries. */
  costs: z.array(z.int().min(0)).min(1),
  /** Most one may cost. */
  bound: z.int().min(0),
  /** Tries that fail, having used up what they cost. */
  fails: z.int().min(0).default(0),
  isTransient: z.boolean().default(true),
  retryAfterMs: z.int().min(0).default(0),
})

/** A fault that tells what its try used up. */
class SpentInVainError extends PlatformError {
  readonly code = 'code.threw'
  readonly isTransient: boolean
  readonly retryAfterMs: number
  readonly usage: readonly Usage[]

  constructor({ isTransient, retryAfterMs }: z.output<typeof parameters>, usage: readonly Usage[]) {
    super('spent in vain')
    this.isTransient = isTransient
    this.retryAfterMs = retryAfterMs
    this.usage = usage
  }
}

/** As a setting: what `spend` uses up costs one µFTNS a piece. */
export const SPEND_PRICES = {
  models: [{ model: 'spend:unit', inputPerMillion: '1000000', outputPerMillion: '0' }],
  cpuCoreHour: '0',
}

/** A step that costs what it is told, and fails as often as it is told. */
export const spendKind: StepKind = defineStepKind({
  name: 'spend',
  summary: 'For tests.',
  with: parameters,
  bound: ({ bound }) => usageOf(bound),
  async run(told, { attempt }) {
    const usage = usageOf(told.costs[attempt - 1] ?? told.costs.at(-1) ?? 0)
    if (attempt <= told.fails) throw new SpentInVainError(told, usage)
    return { output: attempt, usage }
  },
})

function usageOf(inputTokens: number): Usage[] {
  const resource = 'model_inference_tokens'
  return inputTokens === 0 ? [] : [{ resource, model: 'spend:unit', inputTokens, outputTokens: 0 }]
}
