import { DatabaseError } from 'pg'

import { PlatformError } from '../../kernel/errors.ts'

import { ConnectionLostError, StatementError } from './errors.ts'

/** Whether the statement may succeed when the whole transaction is run again. */
export function isTransient(fault: unknown): boolean {
  const state = sqlStateOf(fault)
  return state === '40001' || state === '40P01'
}

/** Whether a row with the same key was there already. */
export function isUniqueViolation(fault: unknown): boolean {
  return sqlStateOf(fault) === '23505'
}

/**
 * Whether the connection is gone: by the server (shutdown, crash, restart) or by the network.
 *
 * @remarks A fault without a SQLSTATE came from the driver, which means the connection.
 */
export function isConnectionLoss(fault: unknown): boolean {
  if (fault instanceof ConnectionLostError) return true
  if (fault instanceof PlatformError && !(fault instanceof StatementError)) return false
  const state = sqlStateOf(fault)
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P')
  return fault instanceof Error && !(fault instanceof TypeError)
}

/** The SQLSTATE of a fault of the database, directly or as the cause of ours. */
export function sqlStateOf(fault: unknown): string | undefined {
  if (fault instanceof StatementError) return fault.sqlState
  return fault instanceof DatabaseError ? fault.code : undefined
}

/** Our error for a fault of the driver; what is no such fault comes back as it is. */
export function toSqlError(fault: unknown): unknown {
  if (fault instanceof PlatformError) return fault
  if (isConnectionLoss(fault)) return new ConnectionLostError(fault)
  const state = sqlStateOf(fault)
  return state === undefined ? fault : new StatementError(state, fault)
}
