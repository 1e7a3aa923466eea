import { z } from 'zod'

import { isTimeZone } from '../kernel/local-time.ts'
import { microFtns } from '../kernel/money.ts'

const time = z.int().describe('Unix epoch, milliseconds')
const ms = z.number().min(0).describe('Milliseconds')
const share = z.number().min(0).max(1)
const workflowName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
  .describe('Name of the workflow')

/** Where a run is, in the words other systems use. */
export const workflowState = z
  .enum([
    'not_started',
    'initializing',
    'running',
    'waiting',
    'paused',
    'completing',
    'completed',
    'failed',
    'cancelled',
    'timeout',
  ])
  .meta({ id: 'WorkflowState' })

/** Where a step is, in the words other systems use. */
export const stepRunState = z
  .enum([
    'pending',
    'starting',
    'executing',
    'waiting_dependency',
    'waiting_resource',
    'completing',
    'completed',
    'failed',
    'skipped',
    'retrying',
  ])
  .meta({ id: 'StepRunState' })

/** What a unit did, or waited for, during a stretch of time. */
export const stretchKind = z
  .enum(['work', 'queue', 'resource', 'approval', 'dependency', 'retry', 'pause'])
  .describe(
    '`queue`: no slot was free. `resource`: no worker. `approval`: somebody had not answered. ' +
      '`dependency`: a time, a signal or another run. `retry`: tries that failed, and the waits after them',
  )
  .meta({ id: 'StretchKind' })

/** How a unit ended, if it did. */
export const unitOutcome = z
  .enum(['open', 'completed', 'failed', 'skipped', 'stopped'])
  .meta({ id: 'UnitOutcome' })

/** When a run is expected to be done: one time in ten before `low`, one time in ten after `high`. */
export const eta = z
  .strictObject({ lowMs: ms, medianMs: ms, highMs: ms, finishAt: time.describe('By the median') })
  .meta({ id: 'Eta' })

/** A unit that takes longer than nineteen of twenty before it. */
export const slowUnit = z
  .strictObject({
    step: z.string(),
    index: z.int().min(0).optional(),
    forMs: ms,
    usualMs: ms.describe('What nineteen of twenty took at most'),
    known: z.int().min(1).describe('How many it is compared with'),
  })
  .meta({ id: 'SlowUnit' })

/** How far a run is. */
export const runProgress = z
  .strictObject({
    run: z.string(),
    workflow: z.string(),
    state: workflowState,
    status: z.string().describe('The same more finely'),
    percent: z.number().min(0).max(100).describe('Never falls'),
    elapsedMs: ms,
    eta: eta.optional().describe('Absent when nothing tells how long it will take'),
    slow: z.array(slowUnit),
    steps: z.array(
      z.strictObject({
        name: z.string(),
        uses: z.string(),
        state: stepRunState,
        status: z.string().describe('The same more finely'),
        ms: ms.optional(),
      }),
    ),
  })
  .meta({ id: 'RunProgress' })

const stretch = z.strictObject({ kind: stretchKind, from: time, to: time })

/** What each unit of a run did, and when. */
export const timeline = z
  .strictObject({
    run: z.string(),
    workflow: z.string(),
    startedAt: time.optional(),
    endedAt: time.describe('Its end, or now'),
    hasEnded: z.boolean(),
    units: z.array(
      z.strictObject({
        name: z.string().describe('`read`, `read[7]` or `undo read`'),
        step: z.string(),
        index: z.int().min(0).optional(),
        uses: z.string(),
        outcome: unitOutcome,
        isCritical: z.boolean().describe('Whether the run would have been shorter without it'),
        attempts: z.int().min(0),
        cost: microFtns,
        readyAt: time.describe('When it could begin'),
        endedAt: time.describe('Its end, or now'),
        stretches: z.array(stretch),
      }),
    ),
  })
  .meta({ id: 'Timeline' })

const byKind = z
  .partialRecord(stretchKind, ms)
  .describe('Milliseconds by what it did or waited for')

/** A change that would have made a run shorter. */
export const recommendation = z
  .strictObject({
    kind: z.enum([
      'concurrency',
      'items',
      'faster-step',
      'fewer-retries',
      'sooner-answer',
      'more-workers',
    ]),
    step: z.string().optional(),
    text: z.string(),
    gainMs: ms.describe('By which the run, replayed with the change, is shorter'),
    beforeMs: ms.describe('Length of the replay without the change'),
    afterMs: ms,
  })
  .meta({ id: 'Recommendation' })

/** Why a run took as long as it did. */
export const bottlenecks = z
  .strictObject({
    run: z.string(),
    workflow: z.string(),
    totalMs: ms,
    hostMs: ms.describe('What no step accounts for'),
    byKind,
    path: z.array(z.strictObject({ name: z.string(), from: time, to: time, byKind })),
    steps: z.array(
      z.strictObject({
        step: z.string(),
        uses: z.string(),
        ms,
        share: share.describe('Of the length of the run'),
        byKind,
        slowerThan: share
          .optional()
          .describe('Share of earlier durations that were shorter; absent below five of them'),
      }),
    ),
    recommendations: z.array(recommendation),
  })
  .meta({ id: 'Bottlenecks' })

/** In which form a run is exported. */
export const traceFormat = z.enum(['chrome-trace', 'otel'])

const spread = z
  .strictObject({ n: z.int().min(1), mean: ms, p50: ms, p95: ms, max: ms })
  .meta({ id: 'Spread' })

/** The eight metrics; what nobody measured is absent. */
export const metrics = z
  .strictObject({
    execution_time: spread.optional().describe('From the beginning to the end'),
    latency: spread.optional().describe('From when it could begin to when it did'),
    success_rate: share.optional().describe('Of what ended by itself'),
    error_rate: share.optional().describe('Of what ended by itself'),
    throughput: z.number().min(0).describe('Ended per hour of the period'),
    cost: z.strictObject({ total: microFtns, mean: microFtns }),
    efficiency: share
      .optional()
      .describe('Share of the time of all units in which they worked, and it counted'),
    resource_usage: z
      .strictObject({
        coreMs: ms.optional().describe('Measured per process; absent when no process was measured'),
        inputTokens: z.int().min(0),
        outputTokens: z.int().min(0),
      })
      .optional()
      .describe('Absent when nothing was measured'),
  })
  .meta({ id: 'Metrics' })

/** A metric over time. */
export const trend = z
  .strictObject({
    metric: z.enum(['execution_time', 'error_rate', 'throughput', 'cost']),
    by: z.enum(['hour', 'day']),
    points: z.array(z.strictObject({ at: time, value: z.number(), n: z.int().min(1) })),
    changes: z
      .array(
        z.strictObject({
          at: time.describe('From here on it is different'),
          before: z.number(),
          after: z.number(),
          pValue: share.describe('How often chance alone does as much'),
        }),
      )
      .describe('Where its level changed'),
  })
  .meta({ id: 'Trend' })

/** Figures of finished runs. */
export const stats = z
  .strictObject({
    workflow: z.string().optional().describe('Absent: of all workflows'),
    since: time,
    until: time,
    runs: z.int().min(0).describe('That ended in the period'),
    isPartial: z.boolean().describe('Whether only the latest runs were looked at'),
    metrics,
    errors: z.array(z.strictObject({ code: z.string(), count: z.int().min(1) })),
    steps: z.array(
      z.strictObject({
        workflow: z.string(),
        step: z.string(),
        uses: z.string(),
        units: z.int().min(0),
        metrics,
      }),
    ),
    trends: z.array(trend),
  })
  .meta({ id: 'Stats' })

const objectives = {
  finishBy: z
    .strictObject({
      time: z
        .string()
        .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'write a local time, such as "06:00"')
        .describe('Local time: the first one after the run was created'),
      zone: z
        .string()
        .max(64)
        .refine(isTimeZone, 'name a time zone, such as "Europe/Berlin"')
        .describe('IANA time zone'),
    })
    .optional(),
  durationMs: z.int().min(1).max(31_536_000_000).optional().describe('Longest duration of a run'),
  successShare: share.optional().describe('Least share of runs that complete'),
  cost: microFtns
    .refine((amount) => amount >= 0n, 'a cost is not negative')
    .optional()
    .describe('Most a run may cost'),
}

/** Which objective of an SLA. */
export const objective = z
  .enum(['finish_by', 'duration', 'success_share', 'cost'])
  .meta({ id: 'Objective' })

/** What is promised of the runs of a workflow. */
export const newSla = z
  .strictObject({ workflow: workflowName, ...objectives })
  .refine(
    ({ finishBy, durationMs, successShare, cost }) =>
      [finishBy, durationMs, successShare, cost].some((each) => each !== undefined),
    'say at least one of finishBy, durationMs, successShare and cost',
  )
  .meta({ id: 'NewSla' })

/** What is promised of the runs of a workflow. */
export const sla = z
  .strictObject({ workflow: workflowName, ...objectives, setAt: time })
  .meta({ id: 'Sla' })

/** How well the promises were kept. */
export const slaReport = z
  .strictObject({
    since: time,
    until: time,
    workflows: z.array(
      z.strictObject({
        workflow: z.string(),
        runs: z.int().min(0).describe('That ended in the period'),
        objectives: z.array(
          z.strictObject({
            objective,
            target: z.string(),
            met: z.int().min(0).describe('Runs that kept it'),
            missed: z.int().min(0),
            compliance: share.optional().describe('Absent without runs'),
            isKept: z.boolean().describe('For `success_share` the share of the period counts'),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'SlaReport' })

/** How bad something is. */
export const severity = z.enum(['info', 'warning', 'error', 'critical']).meta({ id: 'Severity' })

/** Something somebody should know. It is raised once, however often it is found. */
export const alert = z
  .strictObject({
    id: z.string().describe('`alrt_…`'),
    kind: z
      .enum(['step.slow', 'sla.at-risk', 'sla.breached', 'sla.share-broken'])
      .describe('What was found'),
    severity,
    workflow: z.string(),
    run: z.string().optional(),
    message: z.string(),
    raisedAt: time,
    acknowledgedAt: time.optional(),
    acknowledgedBy: z.string().optional(),
    resolvedAt: time.optional(),
    resolvedBy: z.string().optional(),
  })
  .meta({ id: 'Alert' })

export type WorkflowState = z.output<typeof workflowState>
export type StepRunState = z.output<typeof stepRunState>
export type StretchKind = z.output<typeof stretchKind>
export type UnitOutcome = z.output<typeof unitOutcome>
export type RunProgress = z.output<typeof runProgress>
export type Timeline = z.output<typeof timeline>
export type BottleneckReport = z.output<typeof bottlenecks>
export type TraceFormat = z.output<typeof traceFormat>
export type Metrics = z.output<typeof metrics>
export type Trend = z.output<typeof trend>
export type Stats = z.output<typeof stats>
export type Objective = z.output<typeof objective>
export type NewSla = z.output<typeof newSla>
export type Sla = z.output<typeof sla>
export type SlaReport = z.output<typeof slaReport>
export type Severity = z.output<typeof severity>
export type Alert = z.output<typeof alert>
