import { z } from 'zod'

import type { Json } from '../../../kernel/json.ts'

/** One call of a function of the author's module. */
export interface ModuleCall {
  /** `file:` URL of the module. */
  readonly url: string
  readonly function: string
  readonly input: Json
  readonly idempotencyKey: string
  readonly attempt: number
  /** Absolute path of the run's folder; the working directory of the call. */
  readonly folder: string
  /** Core time it may use, milliseconds. */
  readonly maxCoreMs: number
  /** JSON of what it kept when it was stopped or lost. */
  readonly checkpoint?: string | undefined
}

/** What the platform tells the process. */
export type ToChild =
  | { readonly kind: 'call'; readonly call: ModuleCall }
  | { readonly kind: 'abort'; readonly reason: string }

const thrown = {
  name: z.string(),
  message: z.string(),
  /** Lines of the stack that lie in the author's files. */
  stack: z.array(z.string()).readonly(),
}

/** Why a call gave nothing, as the process itself can tell. */
const failure = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('threw'),
    ...thrown,
    /** What the author's error says about trying again. */
    isTransient: z.boolean(),
    retryAfterMs: z.number(),
  }),
  z.object({ kind: z.literal('invalid-module'), ...thrown }),
  z.object({ kind: z.literal('unknown-function'), known: z.array(z.string()).readonly() }),
  z.object({ kind: z.literal('not-json'), path: z.string(), what: z.string() }),
  z.object({ kind: z.literal('never-settled') }),
])

const returned = z.object({ kind: z.literal('returned'), json: z.string() })

/** What the process tells the platform. Parsed, since the author's code can send messages too. */
export const fromChild = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('output'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    text: z.string(),
  }),
  /** What the call is to go on from when it is stopped. */
  z.object({ kind: z.literal('checkpoint'), json: z.string() }),
  z.object({
    kind: z.literal('ended'),
    ending: z.union([returned, failure]),
    coreMs: z.int().min(0),
    /** Whether the call left nothing running. */
    isClean: z.boolean(),
  }),
])

/** What the process tells the platform. */
export type FromChild = z.output<typeof fromChild>

/** A line of output of the author's code. */
export type Output = Extract<FromChild, { kind: 'output' }>

/** How a call ended, as the process itself can tell. */
export type ChildEnding = z.output<typeof returned> | z.output<typeof failure>

/** Why a process came to its end in the middle of a call. */
export type Death =
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'out-of-time' }
  | { readonly kind: 'exited'; readonly how: string }
  | { readonly kind: 'not-started'; readonly fault: Error }

/** How a call ended. */
export type CallEnding = ChildEnding | Death
