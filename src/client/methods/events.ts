import { chunkPage, eventPage, filePage } from '../../api/schema.ts'
import type { EventMethods } from '../contract/events.ts'
import { download } from '../download.ts'
import { createListing } from '../listing.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'
import { watchChunks } from '../watch-chunks.ts'
import { watchEvents } from '../watch-events.ts'

/** Methods of what happens in runs, and of the files they leave. */
export function eventMethods(transport: Transport): EventMethods {
  return {
    listEvents: (id, { signal, ...query } = {}) =>
      createListing(transport, {
        schema: eventPage,
        call: { operation: OPERATIONS.listEvents, params: { id }, query, signal },
        cursorName: 'after',
      }),
    watchRun: (id, options = {}) =>
      watchEvents(transport, { operation: OPERATIONS.listEvents, params: { id } }, options),
    listJournal: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: eventPage,
        call: { operation: OPERATIONS.listJournal, query, signal },
        cursorName: 'after',
      }),
    watchJournal: (options = {}) =>
      watchEvents(transport, { operation: OPERATIONS.listJournal }, options),
    listChunks: (id, { signal, ...query } = {}) =>
      createListing(transport, {
        schema: chunkPage,
        call: { operation: OPERATIONS.listChunks, params: { id }, query, signal },
        cursorName: 'after',
      }),
    watchChunks: (id, { after, signal, ...query } = {}) =>
      watchChunks(
        transport,
        { operation: OPERATIONS.listChunks, params: { id }, query },
        { ...(after !== undefined && { after }), ...(signal !== undefined && { signal }) },
      ),
    listFiles: (id, { signal, ...query } = {}) =>
      createListing(transport, {
        schema: filePage,
        call: { operation: OPERATIONS.listFiles, params: { id }, query, signal },
        cursorName: 'cursor',
      }),
    downloadFile: (id, path, options) =>
      download(transport, {
        operation: OPERATIONS.downloadFile,
        params: { id, path },
        ...options,
      }),
  }
}
