import { PlatformError } from '../kernel/errors.ts'

/** What a fault says about trying again. */
export interface Verdict {
  /** Whether the cause may pass by itself. */
  readonly isTransient: boolean
  /** Least wait the other side asked for, milliseconds. */
  readonly retryAfterMs: number
}

/**
 * Whether a fault of a step may pass by itself.
 *
 * @remarks Judged by type: a fault that knows says so in `isTransient`; a foreign fault (a bug in a
 * code step, say) does not pass. Nobody guesses from message text.
 */
export function judgeFault(fault: unknown): Verdict {
  if (!(fault instanceof PlatformError)) return { isTransient: false, retryAfterMs: 0 }
  const isTransient = 'isTransient' in fault && fault.isTransient === true
  const retryAfterMs =
    'retryAfterMs' in fault && typeof fault.retryAfterMs === 'number' ? fault.retryAfterMs : 0
  return { isTransient: isTransient || TRANSIENT.has(fault.code), retryAfterMs }
}

/** Codes by which the database tells that it is away. */
const ABSENCES: ReadonlySet<string> = new Set([
  'sql.unreachable',
  'sql.connection-lost',
  'sql.commit-unknown',
])

/** Codes of calls that an open circuit kept from being made. */
const REFUSALS: ReadonlySet<string> = new Set(['models.circuit-open', 'http.circuit-open'])

/** Whether a try was none: what it was to call is known to be ill, and was not called. */
export function isRefusal(code: string): boolean {
  return REFUSALS.has(code)
}

/** Codes whose cause may pass. */
const TRANSIENT: ReadonlySet<string> = new Set(['workflow.timeout', ...ABSENCES])

/** Whether a fault is that the database is away. */
export function isDatabaseAbsence(fault: unknown): boolean {
  return fault instanceof PlatformError && ABSENCES.has(fault.code)
}
