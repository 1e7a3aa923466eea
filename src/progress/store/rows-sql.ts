import { z } from 'zod'

import type { RunSummary, StepSummary } from '../metrics/summary.ts'
import { alert, type Alert } from '../schema.ts'

/** A finished run as it is kept. */
export interface RunRow {
  readonly run: string
  readonly workflow: string
  readonly ended_ms: bigint
  readonly summary: unknown
}

/** A step of a finished run as it is kept. */
export interface StepRow extends RunRow {
  readonly step: string
  readonly uses: string
}

const numbers = z.array(z.number())
const measured = {
  durations: numbers,
  latencies: numbers,
  completed: z.number(),
  failed: z.number(),
  cost: z.string().transform(BigInt),
  workMs: z.number(),
  unitMs: z.number(),
  coreMs: z.number().optional(),
  inputTokens: z.number(),
  outputTokens: z.number(),
}
const runSummary = z.object({
  ...measured,
  outcome: z.enum(['completed', 'failed', 'cancelled']),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  errorCode: z.string().optional(),
})
const stepSummary = z.object({ ...measured, items: z.number().optional() })

/** A finished run from its row. */
export function runOf({ run, workflow, ended_ms: endedMs, summary }: RunRow): RunSummary {
  const { coreMs, startedAt, errorCode, ...rest } = runSummary.parse(summary)
  return { ...rest, coreMs, startedAt, errorCode, run, workflow, endedAt: Number(endedMs) }
}

/** A step of a finished run from its row. */
export function stepOf({
  run,
  workflow,
  ended_ms: endedMs,
  summary,
  step,
  uses,
}: StepRow): StepSummary {
  const { coreMs, items, ...rest } = stepSummary.parse(summary)
  return { ...rest, coreMs, items, run, workflow, step, uses, endedAt: Number(endedMs) }
}

/** The columns of an {@link AlertRow}. */
export const ALERT_COLUMNS =
  'id, kind, severity, workflow, run, message, raised_ms, acknowledged_ms, acknowledged_by, resolved_ms, resolved_by'

/** An alert as it is kept. */
export interface AlertRow {
  readonly id: string
  readonly kind: string
  readonly severity: string
  readonly workflow: string
  readonly run: string | null
  readonly message: string
  readonly raised_ms: bigint
  readonly acknowledged_ms: bigint | null
  readonly acknowledged_by: string | null
  readonly resolved_ms: bigint | null
  readonly resolved_by: string | null
}

/** An alert from its row. */
export function toAlert(row: AlertRow): Alert {
  return alert.parse({
    id: row.id,
    kind: row.kind,
    severity: row.severity,
    workflow: row.workflow,
    message: row.message,
    raisedAt: Number(row.raised_ms),
    ...(row.run !== null && { run: row.run }),
    ...(row.acknowledged_ms !== null && { acknowledgedAt: Number(row.acknowledged_ms) }),
    ...(row.acknowledged_by !== null && { acknowledgedBy: row.acknowledged_by }),
    ...(row.resolved_ms !== null && { resolvedAt: Number(row.resolved_ms) }),
    ...(row.resolved_by !== null && { resolvedBy: row.resolved_by }),
  })
}
