import { PlatformError } from '../../../kernel/errors.ts'
import { didYouMean } from '../../../kernel/nearest.ts'

import type { Thrown } from './thrown.ts'

/** Which function of which file. */
export interface CodePlace {
  readonly module: string
  readonly function: string
}

/** Thrown when there is no file at the path of a module. */
export class UnknownModuleError extends PlatformError {
  readonly code = 'code.unknown-module'

  constructor(module: string, cause?: unknown) {
    super(`there is no module "${module}"`, {
      hint: 'a path in a definition file is taken from the folder of that file',
      details: { module },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when a module lies outside of the folders that code may be run from. */
export class ModuleNotAllowedError extends PlatformError {
  readonly code = 'code.not-allowed'

  constructor(module: string, roots: readonly string[]) {
    super(`module "${module}" lies outside of the folders that code may be run from`, {
      hint: 'move it into one of them; links count as where they lead',
      details: { module, roots },
    })
  }
}

/** Thrown when the file is not the one that the definition was written for. */
export class ModuleChangedError extends PlatformError {
  readonly code = 'code.module-changed'

  constructor(module: string, expected: string, actual: string) {
    super(`module "${module}" has changed since the run was started`, {
      hint: 'put the file back as it was, or start a new run',
      details: { module, expected, actual },
    })
  }
}

/** Thrown when a module cannot be loaded: its syntax, an import of it, or its top level fails. */
export class InvalidModuleError extends PlatformError {
  readonly code = 'code.invalid-module'

  constructor(module: string, { name, message, stack }: Thrown) {
    super(`module "${module}" could not be loaded: ${name}: ${message}`, {
      hint: `node --check "${module}" shows the place of a syntax error`,
      details: { module, name, stack },
    })
  }
}

/** Thrown when a module exports no function of this name. */
export class UnknownExportError extends PlatformError {
  readonly code = 'code.unknown-function'

  constructor(place: CodePlace, known: readonly string[]) {
    const { module, function: name } = place
    super(`module "${module}" exports no function "${name}"${didYouMean(name, known)}`, {
      hint:
        known.length === 0
          ? 'write "export default function (input, context) { … }"'
          : `it exports ${known.slice(0, 20).join(', ')}`,
      details: { ...place, known: known.slice(0, 100) },
    })
  }
}

/** Thrown when the author's function threw, or a promise of it was rejected and nobody listened. */
export class CodeThrewError extends PlatformError {
  readonly code = 'code.threw'
  readonly isTransient: boolean
  readonly retryAfterMs: number

  constructor(
    place: CodePlace,
    thrown: Thrown & { readonly isTransient: boolean; readonly retryAfterMs: number },
  ) {
    const { name, message, stack } = thrown
    super(`"${place.function}" of "${place.module}" threw ${name}: ${message}`, {
      hint: 'an error with isTransient: true (and retryAfterMs) is tried again as "retry" says',
      details: { ...place, name, stack },
    })
    this.isTransient = thrown.isTransient
    this.retryAfterMs = thrown.retryAfterMs
  }
}

/** Thrown when a function returned something that JSON cannot carry. */
export class NotJsonError extends PlatformError {
  readonly code = 'code.not-json'

  constructor(place: CodePlace, path: string, what: string) {
    const where = path === '' ? 'its result' : `"${path}" of its result`
    super(`"${place.function}" of "${place.module}" returned no JSON: ${where} is ${what}`, {
      hint: 'return texts, numbers, booleans, null, and lists and plain objects of them',
      details: { ...place, path, what },
    })
  }
}

/** Thrown when a function used more memory than it may. */
export class OutOfMemoryError extends PlatformError {
  readonly code = 'code.out-of-memory'

  constructor(place: CodePlace, memoryMb: number) {
    super(`"${place.function}" of "${place.module}" used more than ${memoryMb} MB of memory`, {
      hint: 'raise "memoryMb", or hold less at a time',
      details: { ...place, memoryMb },
    })
  }
}

/** Thrown when a function used more core time than it may. */
export class OutOfTimeError extends PlatformError {
  readonly code = 'code.out-of-time'

  constructor(place: CodePlace, maxCoreMs: number) {
    super(`"${place.function}" of "${place.module}" used more than ${maxCoreMs} ms of core time`, {
      hint: 'raise "maxCoreMs", or look for a loop that never ends',
      details: { ...place, maxCoreMs },
    })
  }
}

/** Thrown when the author's code ended its process, or left nothing that could ever settle it. */
export class CodeExitedError extends PlatformError {
  readonly code = 'code.exited'

  constructor(place: CodePlace, how: string) {
    super(`"${place.function}" of "${place.module}" ended without a result: ${how}`, {
      hint: 'return a value, or throw an error, instead of ending the process',
      details: { ...place, how },
    })
  }
}

/** Thrown when the system starts no further process. */
export class CodeNotStartedError extends PlatformError {
  readonly code = 'code.not-started'
  readonly isTransient = true

  constructor(cause: Error) {
    super(`the process for code could not be started: ${cause.message}`, {
      hint: 'the system is short of processes or memory',
      cause,
    })
  }
}
