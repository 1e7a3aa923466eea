import { z } from 'zod'

import { apiKey } from '../access/schema.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { microFtns } from '../kernel/money.ts'
import { transfer } from '../ledger/schema.ts'
import { signer } from '../library/bundle/schema.ts'
import { savedWorkflow, workflowVersion } from '../library/schema.ts'
import { template } from '../library/templates/schema.ts'
import { alert, sla } from '../progress/schema.ts'
import { secretRecord } from '../vault/schema.ts'
import { breakerRecord } from '../workflow/breakers/schema.ts'
import { chunk } from '../workflow/chunks/schema.ts'
import { problem, queueOptions } from '../workflow/definition/schema.ts'
import {
  limitRecord,
  poolRecord,
  queueEntry,
  resource,
  shareRecord,
  team,
  workerRecord,
} from '../workflow/queue/schema.ts'
import { incident, resolution } from '../workflow/rollback/schema.ts'
import { fire, schedule, scheduleVersion } from '../workflow/schedule/schema.ts'
import { runRecord, runState } from '../workflow/schema.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const time = z.int().describe('Unix epoch, milliseconds')
const line = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}+$/u)

const budget = microFtns
  .refine((amount) => amount >= 0n, 'a budget is not negative')
  .describe('Most the run may cost, µFTNS; by default what the definition or the quote says')

/** RFC 9457 problem details: what is wrong with a request, or with us. */
export const problemDocument = z
  .object({
    type: z.string().describe('`urn:prsm:error:<code>`'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('Stable name of what is wrong'),
    hint: z.string().optional().describe('What can be done about it'),
    details: jsonObject.optional(),
    instance: z.string().describe('`urn:prsm:request:<id>`, the id standing in the log'),
  })
  .meta({ id: 'ProblemDocument' })

/** A definition to be checked: as text, with places in what is found, or as JSON. */
export const validateRequest = z
  .union([
    z.strictObject({
      text: z.string().describe('YAML or JSON'),
      file: line(1_000).optional().describe('Named in the problems'),
    }),
    z.strictObject({ definition: jsonObject, file: line(1_000).optional() }),
  ])
  .meta({ id: 'ValidateRequest' })

/** Whether a definition is valid, and everything that is wrong with it. */
export const validation = z
  .strictObject({ valid: z.boolean(), problems: z.array(problem) })
  .meta({ id: 'Validation' })

/** A definition and what it is started with. */
export const runRequest = z
  .strictObject({
    definition: jsonObject.optional().describe('See /v1/schemas/workflow'),
    workflow: line(200).optional().describe('A saved one: `[TENANT/]NAME[@VERSION]`'),
    inputs: jsonObject.optional(),
    budget: budget.optional(),
    queue: queueOptions.optional().describe('Goes before what the definition says'),
  })
  .refine(
    ({ definition, workflow }) => (definition === undefined) !== (workflow === undefined),
    'give either a definition or the name of a saved workflow',
  )
  .meta({ id: 'RunRequest' })

/** Why a run is cancelled. */
export const cancelRequest = z
  .strictObject({ reason: line(1_000).optional() })
  .meta({ id: 'CancelRequest' })

/** How a run is resumed. */
export const resumeRequest = z
  .strictObject({ budget: budget.optional() })
  .meta({ id: 'ResumeRequest' })

/** A message to a step that waits for it. */
export const signalRequest = z
  .strictObject({
    signal: line(200),
    step: line(64).optional().describe('Only this step'),
    index: z.int().min(0).max(10_000_000).optional().describe('Only this item of a forEach'),
    payload: json.optional().describe('null by default'),
  })
  .meta({ id: 'SignalRequest' })

/** A fact of the journal. */
export const event = z
  .strictObject({
    seq: z.int().min(1).describe('Place in the history of the tenant'),
    stream: z.string().describe('What it is about, such as a run'),
    version: z.int().min(1).describe('Place in the history of the stream'),
    kind: z.string(),
    at: time,
    data: jsonObject,
  })
  .meta({ id: 'Event' })

/** What the event `end` of a stream of server-sent events says. */
export const streamEnd = z.strictObject({ status: runState }).meta({ id: 'StreamEnd' })

/** A file in the folder of a run. */
export const runFile = z
  .strictObject({
    path: z.string().describe('Below the folder of the run, with "/"'),
    sizeBytes: z.int().min(0),
    modifiedAt: time,
  })
  .meta({ id: 'RunFile' })

/** The credit of a tenant, µFTNS. */
export const wallet = z
  .strictObject({
    account: z.string(),
    available: microFtns.describe('Free to be spent'),
    held: microFtns.describe('Set aside for runs'),
    received: microFtns.describe('In all'),
    spent: microFtns.describe('In all'),
  })
  .meta({ id: 'Wallet' })

/** A source of language models. */
export const modelProvider = z
  .strictObject({
    name: z.string(),
    kind: z.string(),
    isReady: z.boolean().describe('Whether its key is set, or it needs none'),
    keyNames: z.array(z.string()).describe('The secrets that may hold its key'),
    defaultModel: z.string().optional(),
    models: z.array(z.string()).describe('Those that are known; there may be more'),
  })
  .meta({ id: 'ModelProvider' })

/** The models that can be named. */
export const modelList = z
  .strictObject({
    items: z.array(modelProvider),
    default: z.string().describe('Used where none is named'),
    notice: z.string().optional().describe('To be shown when answers come from the offline model'),
  })
  .meta({ id: 'ModelList' })

/** A kind of step: what `uses` names. */
export const stepKind = z
  .strictObject({
    name: z.string(),
    summary: z.string(),
    parameters: jsonObject.describe('JSON Schema of `with`'),
    gives: jsonObject.describe('JSON Schema of the output'),
  })
  .meta({ id: 'StepKind' })

/** A JSON Schema. */
export const jsonSchema = jsonObject.meta({ id: 'JsonSchema' })

const listOf = <Item extends z.ZodType>(
  id: string,
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item> }, z.core.$strict> =>
  z.strictObject({ items: z.array(item) }).meta({ id })

export const queueList = listOf('QueueList', queueEntry)
export const poolList = listOf('PoolList', poolRecord)
export const workerList = listOf('WorkerList', workerRecord)
export const limitList = listOf('ResourceLimitList', limitRecord)
export const shareList = listOf('ShareList', shareRecord)

const tenantName = z.string().regex(/^[a-z0-9_-]{1,64}$/)

/** How much a tenant or team may use at once. */
export const limitRequest = z
  .strictObject({
    tenant: tenantName.optional().describe('Absent: all tenants together'),
    team: team.optional(),
    resource,
    amount: z.number().min(0).max(1e12).nullable().describe('null: no limit any more'),
  })
  .meta({ id: 'ResourceLimitRequest' })

/** What a tenant or team is due beside others. */
export const shareRequest = z
  .strictObject({
    tenant: tenantName,
    team: team.optional(),
    weight: z.number().min(0.001).max(1_000),
  })
  .meta({ id: 'ShareRequest' })

/** Whether a worker takes more from the queue. */
export const drainRequest = z.strictObject({ draining: z.boolean() }).meta({ id: 'DrainRequest' })

export const breakerList = listOf('BreakerList', breakerRecord)

/** Which circuits are to be closed. */
export const breakerResetRequest = z
  .strictObject({
    dependency: z
      .string()
      .min(1)
      .max(500)
      .describe('`model:PROVIDER:MODEL`, or `http:HOST`, as they are listed'),
  })
  .meta({ id: 'BreakerResetRequest' })

/** The name of a step in a request. */
export const stepName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)

/** How far a run goes back. */
export const rollbackRequest = z
  .strictObject({
    to: stepName.optional().describe('This step stays, with what it needs; absent: nothing does'),
  })
  .meta({ id: 'RollbackRequest' })

const note = line(1_000).optional().describe('Is kept in the history of the run')

/** What somebody has decided about a run that waits for that. */
export const resolutionRequest = z
  .strictObject({ resolution, note })
  .meta({ id: 'ResolutionRequest' })

/** What was done by hand. */
export const incidentResolution = z.strictObject({ note }).meta({ id: 'IncidentResolution' })

/** Whether the server lives, or can work. */
export const health = z
  .strictObject({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Health' })

/** One page of a list; `next` is the cursor of the following one, absent on the last. */
const page = <Item extends z.ZodType>(
  id: string,
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodOptional<z.ZodString> }, z.core.$strict> =>
  z
    .strictObject({
      items: z.array(item),
      next: z.string().optional().describe('Cursor of the following page; absent on the last'),
    })
    .meta({ id })

export const runPage = page('RunPage', runRecord)
export const eventPage = page('EventPage', event)
export const chunkPage = page('ChunkPage', chunk)
export const filePage = page('FilePage', runFile)
export const transferPage = page('TransferPage', transfer)
export const alertPage = page('AlertPage', alert)
export const slaPage = page('SlaPage', sla)
export const keyPage = page('KeyPage', apiKey)
export const schedulePage = page('SchedulePage', schedule)
export const firePage = page('FirePage', fire)
export const scheduleVersionPage = page('ScheduleVersionPage', scheduleVersion)
export const incidentPage = page('IncidentPage', incident)
export const secretPage = page('SecretPage', secretRecord)
export const stepKindPage = page('StepKindPage', stepKind)
export const savedWorkflowPage = page('SavedWorkflowPage', savedWorkflow)
export const versionPage = page('WorkflowVersionPage', workflowVersion)
export const signerPage = page('SignerPage', signer)
export const templatePage = page('TemplatePage', template)

export type ProblemDocument = z.output<typeof problemDocument>
export type ValidateRequest = z.output<typeof validateRequest>
export type Validation = z.output<typeof validation>
export type RunRequestBody = z.output<typeof runRequest>
export type CancelRequest = z.output<typeof cancelRequest>
export type ResumeRequest = z.output<typeof resumeRequest>
export type SignalRequestBody = z.output<typeof signalRequest>
export type Event = z.output<typeof event>
export type RunFile = z.output<typeof runFile>
export type Wallet = z.output<typeof wallet>
export type ModelProvider = z.output<typeof modelProvider>
export type ModelList = z.output<typeof modelList>
export type StepKindRecord = z.output<typeof stepKind>
export type Health = z.output<typeof health>
export type LimitRequest = z.output<typeof limitRequest>
export type ShareRequest = z.output<typeof shareRequest>
export type RollbackRequest = z.output<typeof rollbackRequest>
export type ResolutionRequest = z.output<typeof resolutionRequest>
export type IncidentResolution = z.output<typeof incidentResolution>
