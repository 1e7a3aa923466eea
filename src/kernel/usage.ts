import { z } from 'zod'

/** Something that is metered and priced. */
export const usage = z
  .discriminatedUnion('resource', [
    z.strictObject({
      resource: z.literal('model_inference_tokens'),
      model: z.string().min(1).max(200).describe('`provider:model`'),
      inputTokens: z.int().min(0),
      outputTokens: z.int().min(0),
    }),
    z.strictObject({
      resource: z.literal('cpu_cores'),
      coreMs: z.int().min(0).describe('Time of one core, milliseconds'),
    }),
  ])
  .meta({ id: 'Usage' })

/** Something that is metered and priced. */
export type Usage = z.output<typeof usage>
