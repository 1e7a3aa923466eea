import { type Logger, pino } from 'pino'

import { toErrorRecord } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

/** Levels from most to least talkative. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** How much is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Builds the process's log: one JSON object a line on standard error. */
export function createLog(level: LogLevel): Log {
  const destination = pino.destination({ dest: 2, sync: true })
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination))
}

function wrap(logger: Logger): Log {
  return {
    debug: (event, fields) => logger.debug({ event, ...fields }),
    info: (event, fields) => logger.info({ event, ...fields }),
    warn: (event, fields) => logger.warn({ event, ...fields }),
    error: (event, fault, fields) => logger.error({ event, ...describe(fault), ...fields }),
    child: (fields) => wrap(logger.child(fields)),
  }
}

function describe(fault: unknown): Record<string, unknown> {
  const stack = fault instanceof Error ? fault.stack : undefined
  const cause = fault instanceof Error && fault.cause !== undefined ? describe(fault.cause) : {}
  return { error: toErrorRecord(fault), stack, ...(Object.keys(cause).length > 0 && { cause }) }
}
