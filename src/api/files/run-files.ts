import type { EpochMs } from '../../kernel/clock.ts'

/** A file in the folder of a run. */
export interface FileEntry {
  /** Below the folder, with `/`; never `..`. */
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: EpochMs
}

/** Which files are listed: in order of their paths, name by name, those behind `after`. */
export interface FileRange {
  readonly after?: string
  readonly limit: number
}

/** A file that can be read once. Whoever opens it reads `body` to its end, or cancels it. */
export interface OpenFile {
  readonly sizeBytes: number
  readonly modifiedAt: EpochMs
  readonly body: ReadableStream<Uint8Array>
}

/** The folders of runs, to be looked at from outside. */
export interface RunFiles {
  /** Files of a run; none when it has no folder. */
  list(run: string, range: FileRange): Promise<readonly FileEntry[]>
  /**
   * Opens a file.
   *
   * @returns `undefined` when there is none, or when the path, or a link on it, leads out of the
   * folder of the run.
   */
  open(run: string, path: string): Promise<OpenFile | undefined>
}
