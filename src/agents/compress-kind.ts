import { z } from 'zod'

import { compress } from '../context/index.ts'
import type { Models } from '../models/index.ts'
import { defineStepKind, type StepKind } from '../workflow/index.ts'

const passage = z
  .object({
    id: z.string().max(500),
    text: z.string().max(1_000_000),
    isPinned: z.boolean().optional().describe('Kept in any case'),
  })
  .catchall(z.json())

/** `context.compress`: keeps what speaks to a query within a budget of tokens. */
export function createCompressKind(models: Models): StepKind {
  return defineStepKind({
    name: 'context.compress',
    summary:
      'Keeps, verbatim and in order, the passages that speak most to a query, within a budget of tokens.',
    with: z.strictObject({
      passages: z
        .array(passage)
        .max(100_000)
        .describe('In order; other members of a passage are kept with it'),
      query: z.string().min(1).max(20_000).describe('What the passages are wanted for'),
      maxTokens: z.int().min(1).max(10_000_000).describe('Tokens of what is kept, at most'),
      model: z.string().max(200).optional().describe('Whose tokens are counted'),
    }),
    gives: {
      type: 'object',
      properties: {
        passages: { type: 'array', items: { type: 'object' } },
        tokensBefore: { type: 'integer' },
        tokensAfter: { type: 'integer' },
      },
      additionalProperties: false,
    },
    async run({ passages, query, maxTokens, model }) {
      const countTokens = await models.tokenCounter(model)
      const given = passages.map(({ id, text, isPinned = false }) => ({ id, text, isPinned }))
      const { kept, tokensBefore, tokensAfter } = compress(given, { query, maxTokens, countTokens })
      const ids = new Set(kept.map(({ id }) => id))
      const left = passages.filter(({ id }) => ids.has(id))
      return { output: { passages: left, tokensBefore, tokensAfter } }
    },
  })
}
