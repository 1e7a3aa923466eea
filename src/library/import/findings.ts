import type { ImportFinding } from './schema.ts'

/** Gathers what did not fit, with its place. */
export interface Findings {
  readonly list: readonly ImportFinding[]
  error(path: string, message: string, hint?: string): void
  warn(path: string, message: string, hint?: string): void
  /** Names every member of a map that is not among the known ones. */
  unknown(path: string, value: object, known: readonly string[]): void
}

/** Starts an empty list. */
export function createFindings(): Findings {
  const list: ImportFinding[] = []
  const add =
    (severity: ImportFinding['severity']) =>
    (path: string, message: string, hint?: string): void =>
      void list.push({ severity, path, message, ...(hint !== undefined && { hint }) })
  const error = add('error')
  return {
    list,
    error,
    warn: add('warning'),
    unknown(path, value, known) {
      for (const name of Object.keys(value)) {
        if (!known.includes(name))
          error(`${path}/${pointerName(name)}`, `"${name}" has no counterpart`)
      }
    },
  }
}

/** A name as it stands in a JSON Pointer. */
export function pointerName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
