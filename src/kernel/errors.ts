import type { Json } from './json.ts'

/** Stable, machine-readable name of a failure. Lower-case, dotted: `<module>.<what-is-wrong>`. */
export type ErrorCode = `${string}.${string}`

/** What every error of this platform may carry beside its message. */
export interface PlatformErrorOptions extends ErrorOptions {
  /** The remedy, as an instruction: what the reader can do now. */
  readonly hint?: string
  /** Where it happened and with which value; JSON, free of secrets. */
  readonly details?: Readonly<Record<string, Json>>
}

/**
 * Base of every error this platform throws on purpose.
 *
 * @remarks
 * `code` is part of the public contract and never changes meaning; `message` is for people and may.
 * The mapping from `code` to an HTTP status or an exit code lives in `api/` and `cli/`, not here.
 */
export abstract class PlatformError extends Error {
  abstract readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, Json>>

  constructor(message: string, options: PlatformErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
    this.details = options.details ?? {}
  }
}

/** An error as it stands in the journal and on the wire. */
export interface ErrorRecord {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly details?: Readonly<Record<string, Json>>
}

/**
 * The record of any thrown value.
 *
 * @remarks A value that is not a {@link PlatformError} is a bug or a foreign fault; it keeps its
 * message under the code `internal.fault`, so that it is never mistaken for a known failure.
 */
export function toErrorRecord(fault: unknown): ErrorRecord {
  if (fault instanceof PlatformError) {
    return {
      code: fault.code,
      message: fault.message,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
      ...(Object.keys(fault.details).length === 0 ? {} : { details: fault.details }),
    }
  }
  const message = fault instanceof Error ? fault.message : String(fault)
  return { code: 'internal.fault', message }
}
