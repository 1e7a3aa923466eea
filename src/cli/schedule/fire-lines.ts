import type { Fire } from '../../client/index.ts'

/** A fire in one line: its run, where it is, and why if it is nowhere. */
export function fireLine({ run, status, reason }: Fire): string {
  return reason === undefined ? `${run} ${status}` : `${run} ${status}: ${reason.message}`
}
