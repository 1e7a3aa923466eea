import type { Event, RunFile } from '../../api/schema.ts'
import type { Chunk } from '../../workflow/chunks/schema.ts'
import type { Listing } from '../listing.ts'
import type { ChunkNews } from '../watch-chunks.ts'
import type { WatchOptions } from '../watch.ts'

import type { CallOptions, ListOptions } from './options.ts'

/** Which events are listed. */
export interface EventFilter extends ListOptions {
  /** Only events behind this place. @defaultValue 0 */
  readonly after?: number
}

/** Whose text is listed. */
export interface ChunkFilter extends EventFilter {
  /** Only what this step writes. */
  readonly step?: string
  /** Only what this item of its `forEach` writes. */
  readonly index?: number
}

/** The content of a file of a run. */
export interface Download {
  readonly contentType: string
  readonly sizeBytes: number | undefined
  /** To be read once. */
  readonly body: ReadableStream<Uint8Array>
}

/** What happens in runs, what they write, and the files they leave. */
export interface EventMethods {
  listEvents(run: string, filter?: EventFilter): Listing<Event>
  /** Events of a run as they happen, until it has ended. */
  watchRun(run: string, options?: WatchOptions): AsyncIterable<Event>
  /** Text that steps have shown while they worked; `assembleText` puts the pieces together. */
  listChunks(run: string, filter?: ChunkFilter): Listing<Chunk>
  /** The same as it is written, until the run, or the step that is named, has ended. */
  watchChunks(
    run: string,
    options?: WatchOptions & Omit<ChunkFilter, 'limit'>,
  ): AsyncIterable<ChunkNews>
  listFiles(run: string, options?: ListOptions): Listing<RunFile>
  downloadFile(run: string, path: string, options?: CallOptions): Promise<Download>
  /** Everything that happened to the tenant. */
  listJournal(filter?: EventFilter): Listing<Event>
  /** The same as it happens; it never ends by itself. */
  watchJournal(options?: WatchOptions): AsyncIterable<Event>
}
