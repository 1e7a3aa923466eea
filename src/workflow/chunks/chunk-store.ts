import type { Chunk } from './schema.ts'

/** Who may write the text of a unit: whoever has its run, or has leased it from the queue. */
export interface ChunkHolder {
  readonly worker: string
  /** The unit's place in the queue, if it is run from there. */
  readonly task?: { readonly id: string; readonly lease: number }
}

/** A piece of text on its way to where it is kept. */
export interface NewChunk extends Pick<Chunk, 'step' | 'index' | 'offset' | 'text'> {
  readonly run: string
  /** Names one beginning of the unit, or of its text. */
  readonly token: string
  readonly holder: ChunkHolder
  readonly isCut: boolean
}

/** Which part of the text of a run is read. */
export interface ChunkRange {
  readonly run: string
  /** Only chunks behind this place. */
  readonly after: number
  /** Only those of one step. */
  readonly step?: string | undefined
  /** Only those of one item of its list. */
  readonly index?: number | undefined
}

/** Where the text is kept that steps write while they work. */
export interface ChunkStore {
  /**
   * Keeps a piece, in the order in which pieces and results of this process are handed in.
   *
   * @remarks A piece at offset 0 under a new token begins a new attempt, and what the unit has
   * written before goes. A piece of a holder that has lost the unit, or that does not follow the one
   * before, is dropped.
   */
  write(chunk: NewChunk): Promise<void>
  /** At most `limit` chunks, in the order in which they were written. */
  read(range: ChunkRange, limit: number): Promise<readonly Chunk[]>
  /** The text of a run, and then what comes, until `signal` aborts. */
  follow(run: string, after: number, signal: AbortSignal): AsyncIterable<Chunk>
}
