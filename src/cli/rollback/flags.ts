/** Options of `prsm rollback plan` and `prsm rollback run`. */
export interface RollbackFlags {
  readonly to?: string
}

/** Options of whatever is remembered with a note. */
export interface NoteFlags {
  readonly note?: string
}

/** Options of `prsm incidents ls`. */
export interface IncidentFlags {
  readonly all?: boolean
  readonly limit: number
}
