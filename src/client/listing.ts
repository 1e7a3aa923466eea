import type { z } from 'zod'

import type { Call } from './call.ts'
import type { Transport } from './transport.ts'

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Cursor of the following page; absent on the last. */
  readonly next?: string | undefined
}

/** A list that is read as far as it is wanted: iterate over its items, or take it page by page. */
export interface Listing<Item> extends AsyncIterable<Item> {
  /** The page at a cursor; the first one without. */
  page(cursor?: string): Promise<Page<Item>>
  /** All pages, each fetched when it is asked for. */
  pages(): AsyncIterable<Page<Item>>
}

/** How a list is read. */
export interface ListingOptions<Item> {
  readonly schema: z.ZodType<Page<Item>>
  readonly call: Call
  /** What the cursor is called in the query. */
  readonly cursorName: 'cursor' | 'after'
}

/** Builds the view of a list; nothing is fetched before it is asked for. */
export function createListing<Item>(
  transport: Transport,
  { schema, call, cursorName }: ListingOptions<Item>,
): Listing<Item> {
  const page: Listing<Item>['page'] = (cursor) =>
    transport.json(schema, {
      ...call,
      query: { ...call.query, ...(cursor !== undefined && { [cursorName]: cursor }) },
    })
  async function* pages(): AsyncGenerator<Page<Item>, void> {
    let cursor: string | undefined
    do {
      const found = await page(cursor)
      yield found
      cursor = found.next
    } while (cursor !== undefined)
  }
  return {
    page,
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const { items } of pages()) yield* items
    },
  }
}
