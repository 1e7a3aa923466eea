import { fileURLToPath } from 'node:url'

import type { Json } from '../../../kernel/json.ts'

import type { ModuleLog } from './child-output.ts'
import { toJsonText } from './json-text.ts'
import type { ChildEnding, ModuleCall } from './protocol.ts'
import { describeThrown, threw } from './thrown.ts'

/** Second argument of the author's function. */
export interface CallContext {
  /** Equal on every try of this step; hand it to whatever the function calls. */
  readonly idempotencyKey: string
  /** 1 for the first try. */
  readonly attempt: number
  /** Absolute path of the run's folder, which is also the working directory. */
  readonly folder: string
  /** Aborts shortly before the process is ended. */
  readonly signal: AbortSignal
  readonly log: ModuleLog
}

type AuthorFunction = (input: Json, context: CallContext) => unknown

/** Our own folder, whose lines in a stack are of no use to the author. */
const OWN = [new URL('.', import.meta.url).href, fileURLToPath(new URL('.', import.meta.url))]

/** Loads the module, calls its function and gives what came of it. Never rejects. */
export async function callModule(
  call: ModuleCall,
  { signal, log }: Pick<CallContext, 'signal' | 'log'>,
): Promise<ChildEnding> {
  const loaded = await load(call.url)
  if ('ending' in loaded) return loaded.ending
  const found = loaded.exports.get(call.function)
  if (!isFunction(found)) {
    const functions = [...loaded.exports].filter(([, value]) => isFunction(value))
    return { kind: 'unknown-function', known: functions.map(([name]) => name) }
  }
  const { idempotencyKey, attempt, folder } = call
  try {
    process.chdir(folder)
    return toJsonText(await found(call.input, { idempotencyKey, attempt, folder, signal, log }))
  } catch (fault) {
    return threw(fault, OWN)
  }
}

/** What the process fails with when something threw outside of the call's own chain of promises. */
export function strayFault(fault: unknown): ChildEnding {
  return threw(fault, OWN)
}

type Loaded = { readonly exports: ReadonlyMap<string, unknown> } | { readonly ending: ChildEnding }

async function load(url: string): Promise<Loaded> {
  try {
    const namespace: object = await import(url)
    return { exports: new Map(Object.entries(namespace)) }
  } catch (fault) {
    return { ending: { kind: 'invalid-module', ...describeThrown(fault, OWN) } }
  }
}

function isFunction(value: unknown): value is AuthorFunction {
  return typeof value === 'function'
}
