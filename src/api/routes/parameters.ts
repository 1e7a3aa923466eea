import { z } from 'zod'

import type { Clock, EpochMs } from '../../kernel/clock.ts'
import { InvalidRequestError } from '../errors.ts'

/** Names a run in a path. */
export const runParams = z.object({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .describe('`run_…`'),
})

/** Names a schedule in a path. */
export const scheduleParams = z.object({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .describe('Its name, or `sch_…`'),
})

const version = z.coerce.number().int().min(0).max(2_147_483_647)
const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const limit = z.coerce.number().int().min(1).max(200).default(50)
const OUTWEIGHS = 'The same as `after`, and outweighs it: the header of a client that comes back'

/** Where a list or stream of the events of a run begins. */
export const runEventsQuery = z.object({
  after: version.default(0).describe('Only events behind the one of this version'),
  limit: limit.describe('Events of a page at most'),
})

/** Where a stream of the events of a run goes on. */
export const runEventsHeader = z.object({ 'Last-Event-ID': version.optional().describe(OUTWEIGHS) })

/** Whose text is listed or watched, and from where. */
export const chunksQuery = z
  .object({
    step: z.string().min(1).max(64).optional().describe('Only what this step writes'),
    index: z.coerce
      .number()
      .int()
      .min(0)
      .max(10_000_000)
      .optional()
      .describe('Only what this item of its `forEach` writes'),
    after: seq.default(0).describe('Only pieces behind the one of this place'),
    limit: limit.describe('Pieces of a page at most'),
  })
  .refine(({ step, index }) => index === undefined || step !== undefined, {
    message: 'an item is one of a step: name the step',
    path: ['index'],
  })

/** Where a stream of text, or of the events of a tenant, goes on. */
export const placeHeader = z.object({ 'Last-Event-ID': seq.optional().describe(OUTWEIGHS) })

/** Where a list or stream of the events of a tenant begins. */
export const journalQuery = z.object({
  after: seq.default(0).describe('Only events behind the one of this place'),
  limit: limit.describe('Events of a page at most'),
})

const WEEK_MS = 604_800_000

/** Which finished runs are looked at. */
export const periodQuery = z.object({
  workflow: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9-]*$/)
    .optional()
    .describe('Only its runs'),
  since: seq
    .optional()
    .describe('Only runs that ended since then, Unix epoch in milliseconds; a week ago by default'),
})

/** Since when finished runs are looked at. */
export function sinceOf(since: number | undefined, clock: Clock): EpochMs {
  return since ?? clock.now() - WEEK_MS
}

/** The part of a request by its schema. @throws {@link InvalidRequestError} it does not fit. */
export function parsePart<Value>(schema: z.ZodType<Value>, part: string, value: unknown): Value {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalidPart(part, parsed.error.issues)
  return parsed.data
}

/** What is wrong with a part of a request. */
export function invalidPart(
  part: string,
  issues: readonly z.core.$ZodIssue[],
): InvalidRequestError {
  return new InvalidRequestError(
    part,
    issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message })),
  )
}
