import { z } from 'zod'

import type { Json } from '../../kernel/json.ts'

const json: z.ZodType<Json> = z.json()

/** A request as it is recognised again: without its host and its headers. */
export const recordedRequest = z.strictObject({
  method: z.string().max(16),
  path: z.string().max(4_096),
  body: json,
})

/** A response, its headers reduced to those that mean something to a client of models. */
export const recordedResponse = z.strictObject({
  status: z.int().min(200).max(599),
  headers: z.record(z.string(), z.string()),
  body: z.union([
    z.strictObject({ json }),
    z.strictObject({
      chunks: z.array(z.string()).describe('Sent one after the other, as a stream arrives'),
      isCut: z.boolean().optional().describe('The connection breaks after the last chunk'),
    }),
  ]),
})

/** A request and the responses it got, in order; the last one repeats. */
export const recording = z
  .strictObject({
    note: z.string().max(2_000).optional(),
    request: recordedRequest,
    responses: z.array(recordedResponse).min(1).max(100),
  })
  .meta({ id: 'ModelRecording' })

export type RecordedRequest = z.output<typeof recordedRequest>
export type RecordedResponse = z.output<typeof recordedResponse>
export type Recording = z.output<typeof recording>
