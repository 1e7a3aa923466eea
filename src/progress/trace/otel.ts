import { sha256 } from '../../kernel/hash.ts'
import type { JsonObject } from '../../kernel/json.ts'

import { type RunTrace, type Stretch, type UnitTrace, unitName } from './trace.ts'

/** OTLP's numbers: an internal span, one that went well, one that failed. */
const INTERNAL = 1
const STATUS = { unset: 0, ok: 1, error: 2 } as const

/**
 * A run as spans of OpenTelemetry, in OTLP/JSON (docs/sources.md#otlp).
 *
 * @remarks Ids follow from the run's, so that sending it again gives the same spans. The run is the
 * root, units are its children, their stretches are events.
 */
export function toOtlp(trace: RunTrace, outcome: 'ok' | 'error' | 'unset'): JsonObject {
  const traceId = sha256Hex(trace.run).slice(0, 32)
  const rootId = spanId(trace, '')
  const root = {
    traceId,
    spanId: rootId,
    name: trace.workflow,
    kind: INTERNAL,
    startTimeUnixNano: nanos(trace.startedAt ?? trace.endedAt),
    endTimeUnixNano: nanos(trace.endedAt),
    attributes: [text('prsm.run.id', trace.run), text('prsm.workflow.name', trace.workflow)],
    status: { code: STATUS[outcome] },
  }
  const spans = trace.units
    .filter(({ stretches }) => stretches.length > 0)
    .map((unit) => ({
      traceId,
      spanId: spanId(trace, unitName(unit)),
      parentSpanId: rootId,
      name: unitName(unit),
      kind: INTERNAL,
      startTimeUnixNano: nanos(unit.readyAt),
      endTimeUnixNano: nanos(unit.endedAt),
      attributes: attributesOf(unit),
      events: unit.stretches.map(eventOf),
      status: statusOf(unit),
    }))
  const service = { attributes: [text('service.name', 'prsm')] }
  return {
    resourceSpans: [
      { resource: service, scopeSpans: [{ scope: { name: 'prsm' }, spans: [root, ...spans] }] },
    ],
  }
}

function attributesOf(unit: UnitTrace): JsonObject[] {
  const { step, uses, index, attempts, cost, coreMs, inputTokens, outputTokens, errorCode } = unit
  return [
    text('prsm.step.name', step),
    text('prsm.step.uses', uses),
    ...(index === undefined ? [] : [whole('prsm.step.index', index)]),
    whole('prsm.step.attempts', attempts),
    text('prsm.cost.uftns', cost.toString()),
    ...(coreMs === undefined ? [] : [whole('prsm.cpu.core_ms', coreMs)]),
    ...(inputTokens === 0 ? [] : [whole('gen_ai.usage.input_tokens', inputTokens)]),
    ...(outputTokens === 0 ? [] : [whole('gen_ai.usage.output_tokens', outputTokens)]),
    ...(errorCode === undefined ? [] : [text('error.type', errorCode)]),
  ]
}

function eventOf({ kind, from, to }: Stretch): JsonObject {
  return { timeUnixNano: nanos(from), name: kind, attributes: [whole('duration_ms', to - from)] }
}

function statusOf({ outcome, errorCode }: UnitTrace): JsonObject {
  if (outcome === 'completed') return { code: STATUS.ok }
  if (outcome !== 'failed') return { code: STATUS.unset }
  return { code: STATUS.error, ...(errorCode !== undefined && { message: errorCode }) }
}

function spanId({ run }: RunTrace, unit: string): string {
  return sha256Hex(`${run}/${unit}`).slice(0, 16)
}

/** 64-bit numbers are texts in OTLP/JSON. */
function nanos(at: number): string {
  return (BigInt(at) * 1_000_000n).toString()
}

function text(key: string, value: string): JsonObject {
  return { key, value: { stringValue: value } }
}

function whole(key: string, value: number): JsonObject {
  return { key, value: { intValue: Math.round(value).toString() } }
}

function sha256Hex(value: string): string {
  return sha256(value).replace(/^sha256:/, '')
}
