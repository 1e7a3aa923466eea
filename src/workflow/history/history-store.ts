import type { Snapshot } from './snapshot.ts'
import type { PlacedEvent } from './verify.ts'
import type { Whereabouts } from './why/facts.ts'

/** What is stored of runs, beside what the run store gives. */
export interface HistoryStore {
  findWhereabouts(run: string): Promise<Whereabouts | undefined>
  /** The whole history, with the places at which its events are stored. */
  readPlaced(run: string): Promise<readonly PlacedEvent[]>
  findSnapshot(run: string): Promise<Snapshot | undefined>
}
