import type { JsonObject } from '../../kernel/json.ts'
import { formatFtns } from '../../kernel/money.ts'

import { criticalPath } from './critical-path.ts'
import { type RunTrace, type UnitTrace, unitName } from './trace.ts'

/**
 * A run in the Trace Event Format (docs/sources.md#trace-event-format), which trace viewers open.
 *
 * @remarks Units that overlap stand in lanes below one another; each stretch is a slice in the
 * slice of its unit. Times are microseconds since the run began.
 */
export function toChromeTrace(trace: RunTrace): JsonObject {
  const start = trace.startedAt ?? trace.endedAt
  const critical = new Set(criticalPath(trace).links.map(({ unit }) => unit))
  const units = trace.units.filter(({ stretches }) => stretches.length > 0)
  const lanes = lanesOf(units)
  const names = [...new Set(lanes)].map((tid) => ({
    name: 'thread_name',
    ph: 'M',
    pid: 1,
    tid,
    args: { name: `lane ${tid}` },
  }))
  const slices = units.flatMap((unit, place) => {
    const tid = lanes[place] ?? 1
    const common = { ph: 'X', pid: 1, tid }
    const whole = {
      ...common,
      name: unitName(unit),
      cat: critical.has(unit) ? 'unit,critical' : 'unit',
      ts: (unit.readyAt - start) * 1_000,
      dur: (unit.endedAt - unit.readyAt) * 1_000,
      args: {
        uses: unit.uses,
        outcome: unit.outcome,
        attempts: unit.attempts,
        cost: formatFtns(unit.cost),
        ...(unit.errorCode !== undefined && { error: unit.errorCode }),
      },
    }
    const parts = unit.stretches.map(({ kind, from, to }) => ({
      ...common,
      name: kind,
      cat: 'stretch',
      ts: (from - start) * 1_000,
      dur: (to - from) * 1_000,
      args: {},
    }))
    return [whole, ...parts]
  })
  const process = {
    name: 'process_name',
    ph: 'M',
    pid: 1,
    tid: 0,
    args: { name: `${trace.workflow} ${trace.run}` },
  }
  return {
    displayTimeUnit: 'ms',
    otherData: { run: trace.run, workflow: trace.workflow, startedAt: start },
    traceEvents: [process, ...names, ...slices],
  }
}

/** For each unit the first lane, from 1, that is free while it lasts. */
function lanesOf(units: readonly UnitTrace[]): readonly number[] {
  const free: number[] = []
  return units.map(({ readyAt, endedAt }) => {
    const found = free.findIndex((until) => until <= readyAt)
    const lane = found === -1 ? free.length : found
    free[lane] = endedAt
    return lane + 1
  })
}
