import { z } from 'zod'

import { microFtns } from '../kernel/money.ts'
import { usage } from '../kernel/usage.ts'

import { failureKind } from './rollback/schema.ts'

/** Where a run is, as people see it. */
export const runState = z
  .enum([
    'scheduled',
    'queued',
    'running',
    'waiting',
    'paused',
    'cancelling',
    'compensating',
    'completed',
    'failed',
    'cancelled',
  ])
  .meta({ id: 'RunState' })

/** An error as it is recorded. */
export const errorRecord = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    details: z.record(z.string(), z.json()).optional(),
  })
  .meta({ id: 'ErrorRecord' })

/** One execution of a workflow. */
export const runRecord = z
  .strictObject({
    id: z.string().describe('`run_…`'),
    tenant: z.string(),
    name: z.string().describe('Name of the workflow'),
    definition: z.string().describe('Content hash of the definition'),
    status: runState,
    createdAt: z.int().describe('Unix epoch, milliseconds'),
    startedAt: z.int().optional(),
    endedAt: z.int().optional(),
    parent: z.string().optional().describe('The run whose step started this one'),
    forkedFrom: z.string().optional().describe('The run whose results this one began with'),
    cost: microFtns.describe('Paid so far'),
    error: errorRecord.optional(),
    failure: failureKind.optional().describe('What kind of failure the error is'),
  })
  .meta({ id: 'Run' })

export type RunState = z.output<typeof runState>
export type RunRecord = z.output<typeof runRecord>

/** What one step adds to a quote. */
export const quoteLine = z
  .strictObject({
    step: z.string(),
    units: z.int().min(0).describe('How often it is expected to run'),
    usage: z.array(usage).describe('Of one of them'),
    cost: microFtns.describe('Of all of them'),
    assumption: z.string().optional(),
  })
  .meta({ id: 'QuoteLine' })

/** What a run is expected to cost, and the most it may. */
export const quote = z
  .strictObject({
    workflow: z.string(),
    expected: microFtns,
    budget: microFtns.describe(
      'Set aside when the run begins; it pauses before it would cost more',
    ),
    lines: z.array(quoteLine),
    assumptions: z.array(z.string()),
  })
  .meta({ id: 'Quote' })

export type QuoteLine = z.output<typeof quoteLine>
export type Quote = z.output<typeof quote>
