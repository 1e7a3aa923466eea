import { z } from 'zod'

import type { Json } from '../kernel/json.ts'

import { InvalidCursorError } from './errors.ts'

/** Longest cursor that is looked at. */
const MAX_LENGTH = 2_000

/** Which page of a list is asked for. */
export const listQuery = z.object({
  cursor: z.string().max(MAX_LENGTH).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Items of a page at most'),
})

/** The place of something that has an id. */
export const idPlace = z.string().regex(/^[\w-]{1,64}$/)

/** A place in a list as an opaque text. */
export function encodeCursor(place: Json): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/**
 * The place that a cursor stands for; `undefined` at the beginning.
 *
 * @throws {@link InvalidCursorError} it was not given by a list with places of this schema.
 */
export function decodeCursor<Place>(
  schema: z.ZodType<Place>,
  cursor: string | undefined,
): Place | undefined {
  if (cursor === undefined) return undefined
  const parsed = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')))
  if (!parsed.success) throw new InvalidCursorError()
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) throw new InvalidCursorError()
    throw fault
  }
}

/** A page of a list. */
export interface Page<Item> {
  readonly items: Item[]
  readonly next?: string
}

/** How a page is cut: `placeOf` gives the place after which the following page begins. */
export interface Cut<Item> {
  readonly limit: number
  readonly placeOf: (last: Item) => Json
}

/** The page of `found`, which was asked for one item more than the page holds. */
export function toPage<Item>(found: readonly Item[], { limit, placeOf }: Cut<Item>): Page<Item> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  if (found.length <= limit || last === undefined) return { items }
  return { items, next: encodeCursor(placeOf(last)) }
}
