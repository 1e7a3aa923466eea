import {
  chunk as chunkSchema,
  type Chunk,
  superseded as supersededSchema,
  type Superseded,
} from '../workflow/chunks/schema.ts'

import type { Call } from './call.ts'
import type { Transport } from './transport.ts'
import { contentOf, placeOf, watch, type WatchOptions } from './watch.ts'

/** What a watcher of text hears: a piece, or that a step begins to write anew. */
export type ChunkNews =
  | ({ readonly kind: 'chunk' } & Chunk)
  | ({ readonly kind: 'superseded' } & Superseded)

/** Text as it is written; see {@link watch}. */
export function watchChunks(
  transport: Transport,
  call: Call,
  options: WatchOptions,
): AsyncIterable<ChunkNews> {
  return watch<ChunkNews>(transport, {
    ...options,
    call,
    read(message) {
      if (message.event === 'superseded') {
        const news = contentOf(supersededSchema, message, 'news of a step')
        return { item: { kind: 'superseded', ...news }, position: undefined }
      }
      const piece = contentOf(chunkSchema, message, 'a piece of text')
      return { item: { kind: 'chunk', ...piece }, position: placeOf(message) ?? piece.seq }
    },
  })
}
