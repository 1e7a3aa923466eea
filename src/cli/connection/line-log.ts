import { toErrorRecord } from '../../kernel/errors.ts'
import type { Log, LogFields } from '../../kernel/log.ts'
import { LOG_LEVELS, type LogLevel } from '../../platform/log.ts'
import { tameLine } from '../text/width.ts'

/** Takes one line of a log. */
export type TakeLine = (line: string) => void

/** Where the lines of a log go. */
export interface LogSink {
  readonly write: TakeLine
  /** Sends lines elsewhere while a display owns the screen; the returned function ends that. */
  divert(take: TakeLine): () => void
}

/** Builds a sink that hands lines to `take`. */
export function createLogSink(take: TakeLine): LogSink {
  let current = take
  return {
    write: (line) => current(line),
    divert(other) {
      current = other
      return () => (current = take)
    },
  }
}

type Level = Exclude<LogLevel, 'trace' | 'fatal' | 'silent'>

/** Builds a log for people, one line an event: `warn workflow.lease-lost worker=work_…`. */
export function createLineLog(least: LogLevel, { write }: LogSink, more: LogFields = {}): Log {
  const at = LOG_LEVELS.indexOf(least)
  const say = (level: Level, event: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < at) return
    write(tameLine(`${level} ${event}${fieldsToText({ ...more, ...fields })}`))
  }
  return {
    debug: (event, fields) => say('debug', event, fields),
    info: (event, fields) => say('info', event, fields),
    warn: (event, fields) => say('warn', event, fields),
    error(event, fault, fields) {
      const { code, message } = toErrorRecord(fault)
      say('error', event, { ...fields, code, message })
    },
    child: (fields) =>
      createLineLog(least, { write, divert: () => () => undefined }, { ...more, ...fields }),
  }
}

function fieldsToText(fields: LogFields): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('')
}
