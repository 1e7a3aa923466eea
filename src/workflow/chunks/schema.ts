import { z } from 'zod'

/** A piece of the text that a step writes while it works. */
export const chunk = z
  .strictObject({
    seq: z.int().min(1).describe('Place in the text of the run'),
    step: z.string(),
    index: z.int().min(0).optional().describe('Position in the list of a `forEach`'),
    attempt: z
      .int()
      .min(1)
      .describe('Grows whenever the step begins to write anew; what it wrote before is void'),
    offset: z
      .int()
      .min(0)
      .describe('Where the text stands in what this attempt has written, UTF-16 units'),
    text: z.string(),
    isCut: z
      .boolean()
      .optional()
      .describe('Whether the step has written more than is kept; nothing follows'),
  })
  .meta({ id: 'Chunk' })

/** Said before the first chunk of an attempt that follows another one. */
export const superseded = chunk
  .pick({ step: true, index: true, attempt: true })
  .meta({ id: 'Superseded' })

/** What has ended, so that no more text comes. */
export const chunksEnd = z
  .strictObject({
    of: z.enum(['run', 'step']),
    status: z.string().describe('How it has ended'),
  })
  .meta({ id: 'ChunksEnd' })

export type Chunk = z.output<typeof chunk>
export type Superseded = z.output<typeof superseded>
export type ChunksEnd = z.output<typeof chunksEnd>
