import { event as eventSchema, type Event } from '../api/schema.ts'

import type { Call } from './call.ts'
import { UnexpectedResponseError } from './errors.ts'
import type { Transport } from './transport.ts'
import { contentOf, placeOf, watch, type WatchOptions } from './watch.ts'

/** Events as they happen; see {@link watch}. */
export function watchEvents(
  transport: Transport,
  call: Call,
  options: WatchOptions,
): AsyncIterable<Event> {
  return watch(transport, {
    ...options,
    call,
    read(message) {
      const item = contentOf(eventSchema, message, 'an event')
      const position = placeOf(message)
      if (position === undefined)
        throw new UnexpectedResponseError(200, 'an event of the stream has no place')
      return { item, position }
    },
  })
}
