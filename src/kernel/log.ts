import type { Json } from './json.ts'

/** Fields of a log line: ids, counts, durations in ms. No payloads, prompts or personal data. */
export type LogFields = Readonly<Record<string, Json>>

/** Structured log. `event` is a stable name such as `engine.run-claimed`. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  /** `fault` is logged with its code, cause and stack. */
  error(event: string, fault: unknown, fields?: LogFields): void
  /** A log whose every line also carries `fields`. */
  child(fields: LogFields): Log
}

/** Drops every line. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}
