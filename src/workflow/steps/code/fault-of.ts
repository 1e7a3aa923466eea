import type { PlatformError } from '../../../kernel/errors.ts'
import { assertNever } from '../../../kernel/result.ts'

import {
  CodeExitedError,
  CodeNotStartedError,
  type CodePlace,
  CodeThrewError,
  InvalidModuleError,
  NotJsonError,
  OutOfMemoryError,
  OutOfTimeError,
  UnknownExportError,
} from './errors.ts'
import type { CallEnding } from './protocol.ts'

/** A call as far as its errors tell of it. */
export interface CodeLimits extends CodePlace {
  readonly memoryMb: number
  readonly maxCoreMs: number
}

/** What a step fails with when its call ended like this. */
export function faultOf(
  ending: Exclude<CallEnding, { kind: 'returned' }>,
  { memoryMb, maxCoreMs, ...place }: CodeLimits,
): PlatformError {
  switch (ending.kind) {
    case 'threw':
      return new CodeThrewError(place, ending)
    case 'invalid-module':
      return new InvalidModuleError(place.module, ending)
    case 'unknown-function':
      return new UnknownExportError(place, ending.known)
    case 'not-json':
      return new NotJsonError(place, ending.path, ending.what)
    case 'never-settled':
      return new CodeExitedError(place, 'it waits for a promise that nothing can settle any more')
    case 'out-of-memory':
      return new OutOfMemoryError(place, memoryMb)
    case 'out-of-time':
      return new OutOfTimeError(place, maxCoreMs)
    case 'exited':
      return new CodeExitedError(place, ending.how)
    case 'not-started':
      return new CodeNotStartedError(ending.fault)
    default:
      return assertNever(ending)
  }
}
