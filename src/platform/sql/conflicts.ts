import type { RetryPolicy } from '../retry.ts'

import { isTransient } from './faults.ts'

/** How transactions that met others are run again. */
export const CONFLICTS: RetryPolicy = {
  isRetryable: isTransient,
  maxRetries: 10,
  initialMs: 5,
  factor: 2,
  maxDelayMs: 500,
}
