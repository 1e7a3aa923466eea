import { eventPage, filePage } from '../../api/schema.ts'
import { download } from '../download.ts'
import { createListing } from '../listing.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'
import { watch } from '../watch.ts'

import type { Part } from './part.ts'

type EventMethod = 'listEvents' | 'watchRun' | 'listJournal' | 'watchJournal'

/** Methods of what happens in runs, and of the files they leave. */
export function eventMethods(
  transport: Transport,
): Part<EventMethod | 'listFiles' | 'downloadFile'> {
  return {
    listEvents: (id, { signal, ...query } = {}) =>
      createListing(transport, {
        schema: eventPage,
        call: { operation: OPERATIONS.listEvents, params: { id }, query, signal },
        cursorName: 'after',
      }),
    watchRun: (id, options = {}) =>
      watch(transport, { operation: OPERATIONS.listEvents, params: { id } }, options),
    listJournal: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: eventPage,
        call: { operation: OPERATIONS.listJournal, query, signal },
        cursorName: 'after',
      }),
    watchJournal: (options = {}) =>
      watch(transport, { operation: OPERATIONS.listJournal }, options),
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
