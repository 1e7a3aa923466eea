import { z } from 'zod'

import type { Json, JsonObject } from '../../kernel/json.ts'
import { duration } from '../definition/schema.ts'
import { errorRecord } from '../schema.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const ms = z.int().describe('Unix epoch, milliseconds')
const time = z
  .string()
  .min(8)
  .max(40)
  .describe('`2026-03-01T02:00`, by the clocks of `zone`, or with an offset: `2026-03-01T02:00Z`')
const path = z
  .string()
  .regex(/^[^\s.]+(?:\.[^\s.]+)*$/)
  .max(400)
const workflowName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
const scheduleName = workflowName.describe('Lower-case letters, digits and dashes')

/** What makes a schedule fire. */
export const trigger = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('now') }).describe('Once, as soon as it is set'),
    z.strictObject({ kind: z.literal('at'), at: time }).describe('Once, at a time'),
    z.strictObject({ kind: z.literal('delay'), delay: duration }).describe('Once, after a while'),
    z
      .strictObject({ kind: z.literal('interval'), every: duration.describe('1s at least') })
      .describe('Again and again, by elapsed time'),
    z
      .strictObject({
        kind: z.literal('cron'),
        cron: z
          .string()
          .min(1)
          .max(200)
          .describe('minute hour day month weekday, or with seconds in front; @daily and the like'),
      })
      .describe('By the clock on the wall of `zone`'),
    z
      .strictObject({
        kind: z.literal('event'),
        event: z
          .string()
          .regex(/^[a-z]+\.[a-z-]+$/)
          .max(64)
          .describe('A kind of event in the journal, such as `run.failed`'),
        where: z
          .record(path, z.union([json, z.array(json).max(100)]))
          .optional()
          .describe('What the data of the event must hold, by path; of a list, any one'),
      })
      .describe('Once for each event of a kind'),
    z
      .strictObject({
        kind: z.literal('webhook'),
        secret: z
          .string()
          .regex(/^[A-Z][A-Z0-9_]{0,127}$/)
          .optional()
          .describe('Deliveries are signed with PRSM_SECRET_…; without, the path holds a secret'),
      })
      .describe('Once for each delivery to /v1/hooks/{id}'),
    z
      .strictObject({
        kind: z.literal('after'),
        workflow: workflowName.describe('Name of the workflow'),
        on: z.enum(['completed', 'failed', 'any']).optional().describe('`completed` by default'),
      })
      .describe('Once for each run of another workflow that ends'),
    z.strictObject({ kind: z.literal('manual') }).describe('By hand only'),
  ])
  .meta({ id: 'Trigger' })

/** What becomes of the times that nobody was there for. */
export const catchUp = z
  .strictObject({
    policy: z.enum(['skip', 'last', 'all']).describe('Of those that were missed, which still fire'),
    max: z.int().min(1).max(1_000).optional().describe('Of `all`, the latest so many; 100'),
    tolerance: duration
      .optional()
      .describe('How late the latest time may be and not count as missed; 1m by default'),
  })
  .meta({ id: 'CatchUp' })

/** What becomes of a fire while a run of the schedule is still under way. */
export const overlap = z.enum(['skip', 'queue', 'cancel_previous', 'allow']).meta({ id: 'Overlap' })

const specFields = {
  description: z.string().max(2_000).optional().describe('For people'),
  trigger,
  zone: z.string().min(1).max(64).optional().describe('IANA name; UTC by default'),
  inputs: jsonObject.optional().describe('What each run is started with'),
  map: z
    .record(z.string().min(1).max(200), path)
    .optional()
    .describe(
      'Inputs taken from what made it fire, by path: `scheduledAt`, `event.data…`, `body…`',
    ),
  budget: z.string().max(40).optional().describe('Most each run may cost, such as `2.5 FTNS`'),
  catchUp: catchUp.optional().describe('`last` by default'),
  overlap: overlap.optional().describe('`skip` by default'),
  start: time.optional().describe('It does not fire before'),
  end: time.optional().describe('It does not fire from then on'),
  jitter: duration.optional().describe('Fires are delayed by up to this, each always by the same'),
  maxFires: z.int().min(1).max(1_000_000_000).optional().describe('It ends after so many'),
}

/** What a schedule does and when, without the definition it runs. */
export const scheduleSpec = z.strictObject(specFields).meta({ id: 'ScheduleSpec' })

/** A schedule as people write it in files. */
export const scheduleDocument = z
  .strictObject({
    apiVersion: z.literal('prsm/v1').describe('The language this is written in'),
    kind: z.literal('schedule'),
    name: scheduleName,
    workflow: z
      .string()
      .min(1)
      .max(4_096)
      .optional()
      .describe('The definition: a file, or a folder with a workflow.yaml, relative to this file'),
    definition: jsonObject.optional().describe('The definition itself, instead of `workflow`'),
    ...specFields,
  })
  .meta({ id: 'ScheduleDocument', title: 'PRSM schedule', description: 'When a workflow runs' })

/** A new schedule. */
export const newSchedule = z
  .strictObject({ name: scheduleName, definition: jsonObject, spec: scheduleSpec })
  .meta({ id: 'NewSchedule' })

/** A new version of a schedule. */
export const scheduleUpdate = z
  .strictObject({
    definition: jsonObject.optional().describe('The one it has, by default'),
    spec: scheduleSpec.optional().describe('Replaces all of it; the one it has, by default'),
  })
  .meta({ id: 'ScheduleUpdate' })

/** Where a schedule is. */
export const scheduleStatus = z
  .enum(['active', 'paused', 'ended', 'deleted'])
  .meta({ id: 'ScheduleStatus' })

/** A schedule as it is now. */
export const schedule = z
  .strictObject({
    id: z.string().describe('`sch_…`'),
    tenant: z.string(),
    name: scheduleName,
    version: z.int().min(1),
    status: scheduleStatus,
    workflow: z.string().describe('Name of the workflow'),
    definition: z.string().describe('Content hash of the definition'),
    spec: scheduleSpec,
    createdAt: ms,
    updatedAt: ms,
    nextAt: ms.optional().describe('When it fires next, as far as time decides that'),
    fires: z.int().min(0).describe('That began a run, or are about to'),
    missed: z.int().min(0).describe('Times that did not fire because nobody was there'),
    skipped: z.int().min(0).describe('Fires left out because of others under way'),
    parked: z.int().min(0).describe('Fires whose run could not be begun'),
    waiting: z.int().min(0).describe('Fires that wait for others to end'),
  })
  .meta({ id: 'Schedule' })

/** A schedule that was just made. */
export const createdSchedule = z
  .strictObject({
    schedule,
    hook: z.string().optional().describe('Path of its webhook; a secret in it is shown this once'),
  })
  .meta({ id: 'CreatedSchedule' })

/** An earlier or the present version of a schedule. */
export const scheduleVersion = z
  .strictObject({
    version: z.int().min(1),
    definition: z.string(),
    spec: scheduleSpec,
    by: z.string().describe('The key, or `local`'),
    at: ms,
  })
  .meta({ id: 'ScheduleVersion' })

/** Why there was a fire. */
export const fireCause = z
  .enum(['time', 'event', 'webhook', 'after', 'manual', 'backfill'])
  .meta({ id: 'FireCause' })

/** Where a fire is. */
export const fireStatus = z
  .enum(['queued', 'starting', 'started', 'skipped', 'parked'])
  .meta({ id: 'FireStatus' })

/** One fire of a schedule. */
export const fire = z
  .strictObject({
    key: z.string().describe('Names it within its schedule'),
    run: z.string().describe('The run it begins; known before there is one'),
    version: z.int().min(1).describe('Of the schedule'),
    cause: fireCause,
    scheduledAt: ms.describe('The time it was meant for'),
    decidedAt: ms,
    status: fireStatus,
    reason: errorRecord.optional().describe('Why it was skipped or parked'),
  })
  .meta({ id: 'Fire' })

/** A fire by hand. */
export const triggerRequest = z
  .strictObject({
    inputs: jsonObject.optional().describe('Beside those of the schedule, and before them'),
    parked: z.boolean().optional().describe('Tries its parked fires again instead'),
  })
  .meta({ id: 'TriggerRequest' })

/** A range of times to be made up for. */
export const backfillRequest = z
  .strictObject({
    from: time.describe('The first time that counts'),
    to: time.describe('The first time that no longer counts; not in the future'),
    concurrency: z.int().min(1).max(100).optional().describe('Runs at once; 1 by default'),
    dryRun: z.boolean().optional().describe('Lists the fires, and makes none'),
  })
  .meta({ id: 'BackfillRequest' })

/** What filling a range does, or would do. */
export const backfill = z
  .strictObject({
    fires: z.array(ms).describe('Times that are made up for'),
    done: z.int().min(0).describe('Times of the range that have fired already'),
  })
  .meta({ id: 'Backfill' })

/** Times that are asked for without a schedule being kept. */
export const previewRequest = z
  .strictObject({
    spec: scheduleSpec.pick({ trigger: true, zone: true, start: true, end: true }),
    from: time.optional().describe('Now by default'),
    count: z.int().min(1).max(1_000).optional().describe('10 by default'),
  })
  .meta({ id: 'PreviewRequest' })

/** Times at which a schedule would fire. */
export const firesPreview = z
  .strictObject({ zone: z.string(), fires: z.array(ms) })
  .meta({ id: 'FiresPreview' })

/** What becomes of an accepted delivery. */
export const delivery = z
  .strictObject({ run: z.string(), status: fireStatus })
  .meta({ id: 'Delivery' })

export type Trigger = z.output<typeof trigger>
export type CatchUp = z.output<typeof catchUp>
export type Overlap = z.output<typeof overlap>
export type ScheduleSpec = z.output<typeof scheduleSpec>
export type ScheduleDocument = z.output<typeof scheduleDocument>
export type NewSchedule = z.output<typeof newSchedule>
export type ScheduleUpdate = z.output<typeof scheduleUpdate>
export type ScheduleStatus = z.output<typeof scheduleStatus>
export type Schedule = z.output<typeof schedule>
export type CreatedSchedule = z.output<typeof createdSchedule>
export type ScheduleVersion = z.output<typeof scheduleVersion>
export type FireCause = z.output<typeof fireCause>
export type FireStatus = z.output<typeof fireStatus>
export type Fire = z.output<typeof fire>
export type TriggerRequest = z.output<typeof triggerRequest>
export type BackfillRequest = z.output<typeof backfillRequest>
export type Backfill = z.output<typeof backfill>
export type PreviewRequest = z.output<typeof previewRequest>
export type FiresPreview = z.output<typeof firesPreview>
export type Delivery = z.output<typeof delivery>
