import type { FaultVerdict } from '../../../kernel/breakers.ts'
import {
  GarbledResponseError,
  HttpTimeoutError,
  NetworkError,
  ResponseTooLargeError,
  TooManyRedirectsError,
} from '../../../platform/http/errors.ts'
import { StepTimeoutError } from '../../errors.ts'

import { HttpStatusError } from './errors.ts'

/** Says what the server does not do, not that it cannot just now. */
const NOT_IMPLEMENTED = 501

/**
 * What the fault of a request says of its host: ill when it cannot be reached, does not answer in
 * time, or answers 5xx that was not expected. Any other answer is one; a refused address is none.
 */
export function judgeHttpFault(fault: unknown): FaultVerdict {
  if (fault instanceof HttpStatusError) {
    const { status } = fault
    return status >= 500 && status !== NOT_IMPLEMENTED ? 'ill' : 'answered'
  }
  if (fault instanceof NetworkError) return fault.isTransient ? 'ill' : 'answered'
  if (fault instanceof HttpTimeoutError || fault instanceof StepTimeoutError) return 'ill'
  const isAnswer =
    fault instanceof GarbledResponseError ||
    fault instanceof ResponseTooLargeError ||
    fault instanceof TooManyRedirectsError
  return isAnswer ? 'answered' : 'unknown'
}
