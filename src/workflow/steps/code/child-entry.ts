import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What Node is given to start the process that runs authors' modules. */
export interface ChildEntry {
  readonly path: string
  readonly execArgv: readonly string[]
}

/** The program as it is compiled; or as it is written, and then compiled on the way. */
export function childEntry(): ChildEntry {
  const own = import.meta.url
  if (!own.endsWith('.ts')) {
    return { path: fileURLToPath(import.meta.resolve('#code-child')), execArgv: [] }
  }
  const compiler = pathToFileURL(createRequire(own).resolve('tsx')).href
  return {
    path: fileURLToPath(new URL('./child-main.ts', own)),
    execArgv: ['--import', compiler],
  }
}
