import { z } from 'zod'

import { parseDurationMs } from '../../kernel/duration.ts'

import { defineStepKind, defineWaitKind, type StepKind } from './step-kind.ts'

/** A JSON object given as a parameter. */
const jsonObject = z.record(z.string(), z.json())

/** `transform`: gives what its `value` evaluates to. */
export const transformKind: StepKind = defineStepKind({
  name: 'transform',
  summary: 'Reshapes data: gives what "value" evaluates to.',
  with: z.strictObject({ value: z.json().describe('Any JSON, with expressions in it') }),
  run: async ({ value }) => ({ output: value }),
})

/** `wait`: goes on after a time, at a time, or when a signal arrives. */
export const waitKind: StepKind = defineWaitKind({
  name: 'wait',
  summary: 'Waits "for" a duration, "until" an instant, or for a "signal" sent to the run.',
  with: z
    .strictObject({
      for: z.string().max(40).optional().describe('A duration such as `90s`'),
      until: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('RFC 3339, such as `2026-01-31T08:00:00Z`'),
      signal: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe('Name of the signal; one that came before the step is kept for it'),
      timeout: z.string().max(40).optional().describe('Fails when the signal has not come by then'),
    })
    .refine(
      (given) =>
        [given.for, given.until, given.signal].filter((each) => each !== undefined).length === 1,
      'give exactly one of "for", "until" and "signal"',
    ),
  wait(given) {
    if (given.until !== undefined) return { for: 'time', dueAt: epochMs(given.until) }
    if (given.signal === undefined)
      return { for: 'timer', delayMs: parseDurationMs(given.for ?? '0s') }
    return {
      for: 'signal',
      signal: given.signal,
      ...(given.timeout !== undefined && { timeoutMs: parseDurationMs(given.timeout) }),
    }
  },
})

/** `approval`: waits until a person approves or rejects. */
export const approvalKind: StepKind = defineWaitKind({
  name: 'approval',
  summary: 'Waits until a person approves; a rejection fails the step.',
  with: z.strictObject({
    question: z.string().min(1).max(2_000).describe('What the person is asked'),
    timeout: z.string().max(40).optional().describe('Fails when nobody has answered by then'),
  }),
  gives: {
    type: 'object',
    properties: {
      approved: { type: 'boolean' },
      by: { type: 'string' },
      comment: { type: 'string' },
    },
    additionalProperties: false,
  },
  wait: ({ timeout }) => ({
    for: 'signal',
    signal: 'approval',
    ...(timeout !== undefined && { timeoutMs: parseDurationMs(timeout) }),
  }),
})

/** `workflow`: runs another workflow and gives its output. */
export const workflowKind: StepKind = defineWaitKind({
  name: 'workflow',
  summary: 'Runs another workflow, written in place, and gives its output.',
  with: z.strictObject({
    definition: jsonObject.describe(
      'A whole definition; its expressions are evaluated in the child run',
    ),
    inputs: jsonObject.optional().describe('What the other workflow is started with'),
  }),
  opaque: ['definition'],
  wait: ({ definition, inputs = {} }) => ({ for: 'run', workflow: definition, inputs }),
})

/** The kinds of step which the engine brings along. */
export const FLOW_KINDS: readonly StepKind[] = [transformKind, waitKind, approvalKind, workflowKind]

/** Epoch of an RFC 3339 text which the schema has checked. */
function epochMs(text: string): number {
  // The one use of a parser whose result does not depend on the present time.
  // oxlint-disable-next-line no-restricted-globals -- parsing, not asking for the time
  return Date.parse(text)
}
