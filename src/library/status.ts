import type { RunState } from '../workflow/index.ts'

import type { WorkflowStatus } from './schema.ts'

/** The runs of a workflow that are in one state. */
export interface RunCount {
  readonly state: RunState
  readonly count: number
  /** The id of the newest one; ids sort by the time they were made. */
  readonly newest: string
}

/** What a status is folded from. */
export interface StatusParts {
  readonly isArchived: boolean
  /** Whether the newest version is a draft. */
  readonly isDraft: boolean
  readonly runs: readonly RunCount[]
}

/** What a run in a state says of its workflow. */
const SAYS: Readonly<Record<RunState, WorkflowStatus | undefined>> = {
  scheduled: 'active',
  queued: 'active',
  running: 'active',
  cancelling: 'active',
  compensating: 'active',
  waiting: 'checkpointed',
  paused: 'paused',
  completed: 'completed',
  failed: 'failed',
  // A run that somebody stopped says nothing of the workflow.
  cancelled: undefined,
}

/** Runs under way outweigh those that have ended; of these, the liveliest. */
const UNDER_WAY: readonly WorkflowStatus[] = ['active', 'checkpointed', 'paused']

/**
 * The status of a saved workflow.
 *
 * @remarks `archived` and `draft` are said by the record. Then `active`: a run works or is about to;
 * `checkpointed`: none works, and one waits with all it has done recorded; `paused`: what is under
 * way was paused; `completed` or `failed`: how the newest run ended that was not cancelled; `saved`:
 * there is none.
 */
export function statusOf({ isArchived, isDraft, runs }: StatusParts): WorkflowStatus {
  if (isArchived) return 'archived'
  if (isDraft) return 'draft'
  const there = runs.filter(({ count }) => count > 0)
  const said = new Set(there.map(({ state }) => SAYS[state]))
  const underWay = UNDER_WAY.find((status) => said.has(status))
  if (underWay !== undefined) return underWay
  const ended = there
    .filter(({ state }) => SAYS[state] !== undefined)
    .toSorted((a, b) => (a.newest < b.newest ? 1 : -1))
  const [last] = ended
  return (last && SAYS[last.state]) ?? 'saved'
}
