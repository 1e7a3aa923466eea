import type { StepStatus } from '../../progress/index.ts'

import type { Row } from './step-row.ts'

/** What a person wants to see first. */
const ORDER: Readonly<Record<StepStatus, number>> = {
  running: 0,
  waiting: 0,
  retrying: 0,
  repeating: 0,
  interrupted: 0,
  undoing: 0,
  failed: 1,
  stopped: 1,
  ready: 2,
  completed: 3,
  undone: 3,
  skipped: 4,
  pending: 4,
}

/**
 * The rows there is room for, in their order; when not all fit, one line is kept for what is hidden.
 *
 * @remarks What is in progress comes first, then failures, what comes next, what has just ended and
 * what is far ahead. A part of a tree would mislead, so a choice stands without branches.
 */
export function chooseRows(rows: readonly Row[], room: number): readonly Row[] {
  if (rows.length <= room) return rows
  const places = new Map(rows.map((row, index) => [row, index]))
  const placeOf = (row: Row): number => places.get(row) ?? 0
  const chosen = rows
    .toSorted((a, b) => rankOf(a) - rankOf(b) || tieOf(a, b) || placeOf(a) - placeOf(b))
    .slice(0, Math.max(1, room - 1))
  return chosen
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map(({ step }) => ({ step, place: undefined }))
}

function rankOf({ step }: Row): number {
  return ORDER[step.status]
}

/** Of steps that have ended, the latest one is nearest. */
function tieOf(a: Row, b: Row): number {
  return rankOf(a) === ORDER.completed ? (b.step.since ?? 0) - (a.step.since ?? 0) : 0
}

/** What is not shown, by state: `… and 34 more: 20 completed, 14 pending`. */
export function countHidden(all: readonly Row[], shown: readonly Row[]): string {
  const visible = new Set(shown.map(({ step }) => step.name))
  const counts = new Map<StepStatus, number>()
  for (const { step } of all) {
    if (!visible.has(step.name)) counts.set(step.status, (counts.get(step.status) ?? 0) + 1)
  }
  const parts = [...counts].map(([status, count]) => `${count} ${status}`)
  return `  and ${all.length - shown.length} more: ${parts.join(', ')}`
}
