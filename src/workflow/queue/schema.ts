import { z } from 'zod'

/** How urgent work is, the most urgent first. */
export const PRIORITIES = ['immediate', 'high', 'normal', 'low', 'background', 'flexible'] as const

/** How urgent work is. */
export const priority = z.enum(PRIORITIES).meta({
  id: 'Priority',
  description:
    '`immediate`, `high`, `normal` (the default), `low`, `background` or `flexible`. Whatever waits becomes one step more urgent every ten minutes',
})

/** What the pool of compute consists of. */
export const RESOURCES = [
  'cpu_cores',
  'memory_gb',
  'gpu_units',
  'storage_gb',
  'network_mbps',
  'model_inference_tokens',
  'ftns_credits',
] as const

/** One resource of the pool. */
export const resource = z.enum(RESOURCES).meta({ id: 'Resource' })

/** Amounts of some resources, in their own units. */
export const amounts = z
  .partialRecord(resource, z.number().min(0).max(1e12))
  .meta({ id: 'Amounts', description: 'Amounts by resource; what is absent is 0' })

/** Where something in the queue is. */
export const queueStatus = z
  .enum([
    'scheduled',
    'queued',
    'running',
    'completed',
    'failed',
    'cancelled',
    'paused',
    'retrying',
  ])
  .meta({
    id: 'QueueStatus',
    description:
      'scheduled: a run that may not begin yet; paused: gave way to something more urgent, its checkpoint kept; retrying: another try, or its worker was lost',
  })

/** A label that workers have and steps ask for. */
export const label = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/)
  .describe('Lower-case letters, digits, dots and dashes')

const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'write HH:MM, from 00:00 to 23:59')

/** The hours in which a run may begin. */
export const runWindow = z
  .strictObject({
    from: timeOfDay,
    to: timeOfDay.describe('Not included; before `from`: on the next day'),
    zone: z
      .string()
      .max(64)
      .refine(isZone, 'write an IANA time zone, such as Europe/Berlin')
      .default('UTC'),
    days: z
      .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
      .min(1)
      .max(7)
      .optional()
      .describe('Days on which it begins; every day if absent'),
  })
  .meta({ id: 'RunWindow', description: 'The hours in which a run may begin' })

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A name that credit and compute are shared under, within a tenant. */
export const team = z.string().regex(/^[a-z0-9_-]{1,64}$/, 'write a-z, 0-9, - and _')

/** How a run stands in the queue, once it is settled. */
export const runTerms = z
  .strictObject({
    priority,
    team,
    deadline: z.int().optional().describe('When it is stopped; Unix epoch, milliseconds'),
    window: runWindow.optional(),
    key: z
      .string()
      .max(200)
      .optional()
      .describe('Of all runs with this key, only `limit` go on at once'),
    limit: z.int().min(1).max(10_000).optional(),
  })
  .meta({ id: 'RunTerms' })

/** A step that waits for a worker, runs on one, or did; or a run that has not begun. */
export const queueEntry = z
  .strictObject({
    id: z.string(),
    run: z.string(),
    step: z.string().optional().describe('Absent: the run itself'),
    index: z.int().min(0).optional(),
    attempt: z.int().min(1),
    tenant: z.string(),
    team: z.string(),
    priority,
    status: queueStatus,
    labels: z.array(label).describe('What its worker must have'),
    amounts,
    preemptible: z.boolean(),
    worker: z.string().optional(),
    workersLost: z.int().min(0).describe('Workers that were lost while they ran it'),
    createdAt: z.int(),
    notBefore: z.int().optional(),
    startedAt: z.int().optional(),
    endedAt: z.int().optional(),
  })
  .meta({ id: 'QueueEntry' })

/** A process that runs steps. */
export const workerRecord = z
  .strictObject({
    id: z.string(),
    host: z.string(),
    labels: z.array(label),
    models: z.array(z.string()).describe('Models it serves; none: those of every provider'),
    capacity: amounts,
    used: amounts,
    tasks: z.int().min(0),
    runs: z.int().min(0),
    status: z.enum(['working', 'draining', 'lost']),
    startedAt: z.int(),
    expiresAt: z.int().describe('When it counts as lost, unless it is heard of before'),
  })
  .meta({ id: 'Worker' })

/** How much one tenant or team may use at once. */
export const limitRecord = z
  .strictObject({
    tenant: z.string().optional().describe('Absent: all tenants together'),
    team: z.string().optional(),
    resource,
    amount: z.number().min(0).max(1e12),
  })
  .meta({ id: 'ResourceLimit' })

/** How much of what is scarce a tenant or team is due, beside others. */
export const shareRecord = z
  .strictObject({
    tenant: z.string(),
    team: z.string().optional(),
    weight: z.number().min(0.001).max(1_000),
  })
  .meta({ id: 'Share' })

/** One resource over all workers. */
export const poolRecord = z
  .strictObject({
    resource,
    capacity: z.number().describe('Of all workers that work, oversubscription included'),
    used: z.number(),
    queued: z.number().describe('What waiting steps ask for'),
    limit: z.number().optional().describe('Of all tenants together'),
  })
  .meta({ id: 'Pool' })

/** What an autoscaler goes by. */
export const queueLoad = z
  .strictObject({
    queued: z.int().min(0),
    running: z.int().min(0),
    oldestQueuedMs: z.int().min(0).describe('How long the longest wait has lasted'),
    workers: z.int().min(0),
    wantedWorkers: z
      .int()
      .min(0)
      .describe('Workers like the present ones that would run everything queued at once'),
    unservable: z
      .int()
      .min(0)
      .describe('Queued steps that no present worker could run: labels or size'),
  })
  .meta({ id: 'QueueLoad' })

export type Priority = z.output<typeof priority>
export type Resource = z.output<typeof resource>
export type Amounts = z.output<typeof amounts>
export type QueueStatus = z.output<typeof queueStatus>
export type QueueEntry = z.output<typeof queueEntry>
export type WorkerRecord = z.output<typeof workerRecord>
export type LimitRecord = z.output<typeof limitRecord>
export type ShareRecord = z.output<typeof shareRecord>
export type PoolRecord = z.output<typeof poolRecord>
export type QueueLoad = z.output<typeof queueLoad>
export type RunWindow = z.output<typeof runWindow>
export type RunTerms = z.output<typeof runTerms>
