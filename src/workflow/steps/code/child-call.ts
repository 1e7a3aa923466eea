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
  readonly checkpoint: ModuleCheckpoint
}

/** What a step of the queue keeps, to go on from there on whichever worker; others keep nothing. */
export interface ModuleCheckpoint {
  /** What was kept last; `undefined` on the first try. */
  load(): Json | undefined
  /** Keeps a JSON value of at most 1 MB in place of the one before. @throws {TypeError} it is not. */
  save(value: Json): void
}

/** Longest JSON text that is kept. */
const MAX_CHECKPOINT = 1_000_000

/** The checkpoint of one call. */
export function createCheckpoint(
  kept: string | undefined,
  send: (json: string) => void,
): ModuleCheckpoint {
  let json = kept
  return {
    load() {
      if (json === undefined) return undefined
      const value: Json = JSON.parse(json)
      return value
    },
    save(value) {
      const text = toJsonText(value)
      if (text.kind !== 'returned') throw new TypeError('a checkpoint is a JSON value')
      if (text.json.length > MAX_CHECKPOINT) {
        throw new TypeError(`a checkpoint has at most ${MAX_CHECKPOINT} characters`)
      }
      json = text.json
      send(json)
    },
  }
}

type AuthorFunction = (input: Json, context: CallContext) => unknown

/** Our own folder, whose lines in a stack are of no use to the author. */
const OWN = [new URL('.', import.meta.url).href, fileURLToPath(new URL('.', import.meta.url))]

/** Loads the module, calls its function and gives what came of it. Never rejects. */
export async function callModule(
  call: ModuleCall,
  { signal, log, checkpoint }: Pick<CallContext, 'signal' | 'log' | 'checkpoint'>,
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
    const context = { idempotencyKey, attempt, folder, signal, log, checkpoint }
    return toJsonText(await found(call.input, context))
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
