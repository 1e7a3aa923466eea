import { z } from 'zod'

import { defineStepKind, type StepKind } from '../../src/workflow/index.ts'

/**
 * A step with an effect outside: a row for each time it acts, under its key. `fails` tries fail after
 * the effect, `hangs` tries never end, `ms` is how long it takes, `tokens` what it uses up, `tells`
 * what it shows at its beginning.
 */
export function effectKind(act: (key: string) => Promise<void>): StepKind {
  return defineStepKind({
    name: 'effect',
    summary: 'For tests.',
    with: z.strictObject({
      ms: z.int(),
      fails: z.int().optional(),
      hangs: z.int().optional(),
      tells: z.string().optional(),
      tokens: z.int().optional(),
      gives: z.json().optional(),
    }),
    expect: ({ tokens }) => usageOf(typeof tokens === 'number' ? tokens : 0),
    bound: ({ tokens = 0 }) => usageOf(tokens),
    async run({ ms, fails = 0, hangs = 0, tokens = 0, tells = '', gives }, task) {
      task.telling?.tell(tells)
      if (task.attempt <= hangs) await new Promise(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, ms))
      await act(task.idempotencyKey)
      if (fails === 99) throw new Error('never works')
      if (task.attempt <= fails) throw new Error('fails at first')
      return {
        output: gives ?? { step: task.step, index: task.index ?? null },
        usage: usageOf(tokens),
      }
    },
  })
}

function usageOf(tokens: number): {
  resource: 'model_inference_tokens'
  model: string
  inputTokens: number
  outputTokens: number
}[] {
  return tokens === 0
    ? []
    : [
        {
          resource: 'model_inference_tokens',
          model: 'builtin:x',
          inputTokens: tokens,
          outputTokens: 0,
        },
      ]
}
