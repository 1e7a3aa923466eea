import type { ScheduleSpec } from './schema.ts'
import type { ScheduleState } from './state.ts'

/** A schedule set at `setAt`, which has decided nothing yet. */
export function scheduleAt(setAt: number, spec: ScheduleSpec): ScheduleState {
  return {
    id: 'sch_01h00000000000000000000000',
    tenant: 'acme',
    name: 'nightly',
    createdAt: setAt,
    version: 1,
    revision: 1,
    status: 'active',
    workflow: 'flow',
    definition: 'sha256:0',
    spec,
    setAt,
    updatedAt: setAt,
    cursor: setAt,
    seq: 0,
    dueAt: setAt,
    fires: 0,
    missed: 0,
    skipped: 0,
    parked: 0,
  }
}
