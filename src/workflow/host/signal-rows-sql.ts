import type { Json } from '../../kernel/json.ts'

import type { Signal } from './run-store.ts'

/** A signal as it is stored. */
export interface SignalRow {
  readonly id: string
  readonly run: string
  readonly signal: string
  readonly step: string | null
  readonly item: number | null
  readonly payload: Json
  readonly sender: string
}

/** Reads a signal. */
export function toSignal(row: SignalRow): Signal {
  return {
    id: row.id,
    run: row.run,
    signal: row.signal,
    ...(row.step !== null && { step: row.step }),
    ...(row.item !== null && { index: row.item }),
    payload: row.payload,
    by: row.sender,
  }
}
