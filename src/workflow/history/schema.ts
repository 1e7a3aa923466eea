import { z } from 'zod'

import type { Json, JsonObject } from '../../kernel/json.ts'
import { microFtns } from '../../kernel/money.ts'
import { errorRecord, runState } from '../schema.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const time = z.int().describe('Unix epoch, milliseconds')
/** An error as it stands in a history. */
const fault = errorRecord.extend({ details: jsonObject.optional() })
const step = z.string().min(1).max(64)
const index = z.int().min(0)

/** One thing that a run waits for. */
export const reason = z
  .strictObject({
    kind: z
      .enum([
        'ended',
        'poisoned',
        'paused',
        'budget',
        'incident',
        'unclaimed',
        'lost-worker',
        'approval',
        'signal',
        'timer',
        'child',
        'retry',
        'pass',
        'running',
        'concurrency',
        'slot',
        'worker',
        'scheduled',
        'undo',
        'ending',
      ])
      .describe('Stable name of what is waited for'),
    message: z.string(),
    step: step.optional(),
    index: index.optional(),
    since: time.optional(),
    dueAt: time.optional().describe('When it passes by itself'),
    command: z.string().optional().describe('What would help'),
    error: fault.optional(),
  })
  .meta({ id: 'Reason' })

/** Why a run is where it is. */
export const explanation = z
  .strictObject({
    run: z.string(),
    name: z.string(),
    status: runState,
    reasons: z.array(reason).describe('The most telling first; never empty'),
    more: z.int().min(0).describe('Further units that wait for the same'),
  })
  .meta({ id: 'Explanation' })

/** Where two states of a run differ. */
export const change = z
  .strictObject({
    path: z.string().describe('`steps.read.status`'),
    before: json.optional(),
    after: json.optional(),
  })
  .meta({ id: 'StateChange' })

/** What a unit of work saw, and what came of it. */
export const seen = z
  .strictObject({
    step,
    index: index.optional(),
    uses: z.string(),
    attempt: z.int(),
    inputs: jsonObject.describe('Of the run'),
    steps: jsonObject.describe('What the steps it needs had given'),
    item: json.optional(),
    parameters: json.optional().describe('`with`, its expressions evaluated; secrets by name'),
    problem: fault.optional().describe('Why its parameters cannot be evaluated'),
    output: json.optional(),
    error: fault.optional(),
  })
  .meta({ id: 'SeenByStep' })

/** A run at one place of its history. */
export const moment = z
  .strictObject({
    run: z.string(),
    version: z.int().describe('Place in the history, from 1'),
    of: z.int().describe('Length of the history'),
    at: time,
    kind: z.string(),
    data: jsonObject,
    seen: seen.optional(),
    before: jsonObject.describe('The state before the event'),
    after: jsonObject,
    changes: z.array(change),
    stateHash: z.string().describe('Content hash of the state after the event'),
  })
  .meta({ id: 'Moment' })

/** Whether a history is whole, and what was found wrong with it. */
export const verification = z
  .strictObject({
    run: z.string(),
    isIntact: z.boolean(),
    events: z.int(),
    chain: z.string().describe('Head of the hash chain over the events: note it, compare it later'),
    stateHash: z.string(),
    snapshot: z.int().optional().describe('Version of the snapshot that was compared'),
    adopted: z.int().describe('Results of another run that were compared by their hashes'),
    problems: z.array(
      z.strictObject({ version: z.int().optional(), code: z.string(), message: z.string() }),
    ),
  })
  .meta({ id: 'Verification' })

/** What a fork is to be like. */
export const forkRequest = z
  .strictObject({
    from: step.describe('The first step that is begun anew'),
    inputs: jsonObject.optional().describe('Those that differ'),
    parameters: z
      .record(step, jsonObject)
      .optional()
      .describe('By step: members of `with` that differ'),
    definition: jsonObject.optional().describe('Instead of the one of the run'),
    budget: microFtns
      .refine((amount) => amount >= 0n, 'a budget is not negative')
      .optional()
      .describe('Most the new run may cost, µFTNS'),
  })
  .meta({ id: 'RunForkRequest' })

/** What becomes of each step in a fork. */
export const forkPlan = z
  .strictObject({
    run: z.string(),
    from: step,
    kept: z.array(step).describe('Steps whose results are taken over; nothing is paid for them'),
    begun: z
      .array(
        z.strictObject({
          step,
          why: z
            .enum(['from', 'after', 'inputs', 'definition', 'unfinished', 'undone', 'new'])
            .describe('Why it is begun anew'),
          because: z.string().optional().describe('The step it needs, or the inputs it reads'),
        }),
      )
      .describe('Steps that are begun anew'),
  })
  .meta({ id: 'RunForkPlan' })

/** Which unfinished runs a definition is held against. */
export const upgradeCheckRequest = z
  .strictObject({
    definition: jsonObject,
    run: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .optional()
      .describe('Only this one, which may have failed as well'),
    name: z.string().min(1).max(64).optional().describe('Of the workflow; by default its own'),
    before: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .optional()
      .describe('Only runs older than this one; `next` of the page before'),
    limit: z.int().min(1).max(200).optional().describe('Runs looked at; 50 by default'),
  })
  .meta({ id: 'RunUpgradeCheck' })

/** What a new definition means to one run. */
export const upgradeReport = z
  .strictObject({
    run: z.string(),
    status: runState,
    verdict: z
      .enum(['compatible', 'breaks', 'busy', 'same'])
      .describe('`busy`: it fits, once the run is paused or waits'),
    problems: z.array(
      z.strictObject({ code: z.string(), step: step.optional(), message: z.string() }),
    ),
    kept: z
      .array(step)
      .describe('Ended steps, whose results stay although their definition differs'),
    again: z.array(step).describe('Steps in progress, whose next try follows the new definition'),
    added: z.array(step).describe('Steps it did not have, which will run'),
    leftOut: z.array(step).describe('Steps that `since` or `until` leave out of it'),
  })
  .meta({ id: 'RunUpgradeReport' })

/** Reports of one page of runs. */
export const upgradePage = z
  .strictObject({ items: z.array(upgradeReport), next: z.string().optional() })
  .meta({ id: 'RunUpgradePage' })

/** The definition that a run is to go on under. */
export const upgradeRequest = z
  .strictObject({ definition: jsonObject })
  .meta({ id: 'RunUpgradeRequest' })

/** Which failed runs go on. */
export const redriveRequest = z
  .strictObject({
    name: z.string().min(1).max(64).optional().describe('Of the workflow'),
    since: time.min(0).optional().describe('Only runs that failed at or after this time'),
    code: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Only runs that failed with this code, or one below it: `models`'),
    before: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .optional()
      .describe('Only runs older than this one; `next` of the page before'),
    limit: z.int().min(1).max(200).optional().describe('Failed runs looked at; 50 by default'),
    dryRun: z.boolean().optional().describe('Only say what would be done'),
  })
  .meta({ id: 'RedriveRequest' })

/** What became of the failed runs of one page. */
export const redrivePage = z
  .strictObject({
    items: z.array(
      z.strictObject({
        run: z.string(),
        name: z.string(),
        code: z.string(),
        outcome: z.enum(['asked', 'would', 'refused']),
        reason: z.string().optional().describe('Why it cannot go on'),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'RedrivePage' })

export type Reason = z.output<typeof reason>
export type Explanation = z.output<typeof explanation>
export type StateChange = z.output<typeof change>
export type SeenByStep = z.output<typeof seen>
export type Moment = z.output<typeof moment>
export type Verification = z.output<typeof verification>
export type RunForkRequest = z.output<typeof forkRequest>
export type RunForkPlan = z.output<typeof forkPlan>
export type RunUpgradeCheck = z.output<typeof upgradeCheckRequest>
export type RunUpgradeReport = z.output<typeof upgradeReport>
export type RunUpgradePage = z.output<typeof upgradePage>
export type RunUpgradeRequest = z.output<typeof upgradeRequest>
export type RedriveRequest = z.output<typeof redriveRequest>
export type RedrivePage = z.output<typeof redrivePage>
