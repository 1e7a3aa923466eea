import type { Journal, StoredEvent } from '../kernel/journal.ts'
import type { JsonObject } from '../kernel/json.ts'

/** Where runs are read. */
export interface RunSource {
  readonly journal: Pick<Journal, 'read'>
  /** The definition a run is pinned to; `undefined` when it is kept no longer. */
  readonly definitionOf: (tenant: string, run: string) => Promise<JsonObject | undefined>
}

const PAGE = 1_000

/** All events of a run, in order. */
export async function readEvents(
  { journal }: Pick<RunSource, 'journal'>,
  run: string,
): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = []
  for (;;) {
    const afterVersion = events.at(-1)?.version ?? 0
    const page = await journal.read({ stream: run, afterVersion }, PAGE)
    events.push(...page)
    if (page.length < PAGE) return events
  }
}
