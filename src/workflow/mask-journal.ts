import type { Journal, StoredEvent } from '../kernel/journal.ts'

import { maskSealed } from './sealing.ts'

/** The journal as doors may show it: sealed inputs are not even shown in their sealed form. */
export function maskJournal(journal: Journal): Journal {
  return {
    read: async (range, limit) => (await journal.read(range, limit)).map(masked),
    async *follow(range, signal) {
      for await (const event of journal.follow(range, signal)) yield masked(event)
    },
  }
}

function masked(event: StoredEvent): StoredEvent {
  const data = maskSealed(event.data)
  return data === event.data ? event : { ...event, data }
}
