/** What one check of the doctor has found. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly text: string
  /** What can be done about it. */
  readonly hint?: string | undefined
}

/** Nothing to do. */
export function good(check: string, text: string): Finding {
  return { check, state: 'ok', text }
}

/** It works, but not as well as it could. */
export function worse(check: string, text: string, hint: string): Finding {
  return { check, state: 'warn', text, hint }
}
