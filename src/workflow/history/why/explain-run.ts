import { formatDuration } from '../../../kernel/duration.ts'
import { formatFtns, toMicroFtns } from '../../../kernel/money.ts'
import type { TimedEvent } from '../../host/run-store.ts'
import { type RunEventOf, unitKey } from '../../machine/events.ts'
import { isFinal, type RunState } from '../../machine/state.ts'
import type { Explanation, Reason } from '../schema.ts'

import { unitReason } from './explain-unit.ts'
import type { Facts } from './facts.ts'

/** Units of which each is told; more of them are counted. */
const MOST_UNITS = 20

/** Says what a run waits for, since when, and what would help. */
export function explain(facts: Facts): Explanation {
  const { record, state } = facts
  const reasons = isFinal(state.status) ? [ended(facts)] : [...ownership(facts), ...progress(facts)]
  const units = isFinal(state.status) || state.status === 'paused' ? [] : [...state.active.values()]
  return {
    run: record.id,
    name: record.name,
    status: record.status,
    reasons: [...reasons, ...units.slice(0, MOST_UNITS).map((unit) => unitReason(facts, unit))],
    more: Math.max(0, units.length - MOST_UNITS),
  }
}

function ended({ record, state }: Facts): Reason {
  const { id, error } = record
  const { failure, endedAt } = state
  const since = endedAt === undefined ? {} : { since: endedAt }
  const told = failure?.error ?? error
  if (state.status !== 'failed' || told === undefined)
    return { kind: 'ended', message: `the run has ${endWord(state.status)}`, ...since }
  const step = failure?.step
  const place = step === undefined ? '' : ` at step "${step}"`
  const more = { ...since, error: told, ...(step !== undefined && { step }) }
  return told.code === 'workflow.worker-lost'
    ? {
        kind: 'poisoned',
        message: `the run is parked${place}: ${told.message}`,
        command: `prsm debug ${id} --at ${step ?? 'last'}`,
        ...more,
      }
    : {
        kind: 'ended',
        message: `the run failed${place}: ${told.message}`,
        command: `prsm resume ${id}`,
        ...more,
      }
}

function endWord(status: RunState['status']): string {
  return status === 'cancelled' ? 'been cancelled' : status
}

/** What starts a worker. */
const WORKER = 'prsm worker'

/** Whether anybody has the run, or will. */
function ownership(facts: Facts): readonly Reason[] {
  const { owner, wakeAt, unread, now } = facts.where
  if (owner !== undefined) return lostOwner(facts, owner)
  if (facts.record.status === 'scheduled' && wakeAt !== undefined && wakeAt > now)
    return [{ kind: 'scheduled', message: 'the run may not begin yet', dueAt: wakeAt }]
  const isDue = unread > 0 || (wakeAt !== undefined && wakeAt <= now)
  const isPaused = facts.state.status === 'paused' && unread === 0
  return isDue && !isPaused ? [unclaimed(facts)] : []
}

function lostOwner({ where }: Facts, owner: string): readonly Reason[] {
  const { leaseLeftMs, workers } = where
  if (leaseLeftMs !== undefined && leaseLeftMs > 0) return []
  const gone =
    leaseLeftMs === undefined
      ? 'is not known any more'
      : `has been silent; its lease ended ${formatDuration(-leaseLeftMs)} ago`
  const what =
    workers === 0
      ? 'no other worker lives to take the run over'
      : 'another worker takes the run over at its next look'
  const help = workers === 0 && { command: WORKER }
  return [{ kind: 'lost-worker', message: `worker ${owner} ${gone}; ${what}`, ...help }]
}

function unclaimed({ record, where }: Facts): Reason {
  const { isOrphan, wakeAt = 0, workers } = where
  const what = isOrphan ? 'its last worker was lost, and' : 'it could go on, but'
  const who =
    workers === 0
      ? 'no worker lives to take it'
      : `none of the ${workers} workers that live has taken it yet`
  return {
    kind: 'unclaimed',
    message: `${what} ${who}`,
    ...(wakeAt > 0 && { since: wakeAt }),
    command: workers === 0 ? WORKER : `prsm resume ${record.id}`,
  }
}

/** What keeps the run as a whole. */
function progress(facts: Facts): readonly Reason[] {
  const { state, where } = facts
  switch (state.status) {
    case 'paused':
      return [paused(facts)]
    case 'compensating':
      return [undoing(facts)]
    case 'cancelling':
    case 'stopping': {
      const what = state.status === 'cancelling' ? 'is being cancelled' : 'is to stop'
      const message = `the run ${what}, and waits until ${state.active.size} units have ended`
      return [{ kind: 'ending', message }]
    }
    case 'created':
      return where.owner === undefined ? [] : [slot(facts)]
    case 'running':
      return queued(facts)
    default:
      return []
  }
}

function paused(facts: Facts): Reason {
  const { record, events } = facts
  const { id } = record
  const last = events.findLast(
    (timed): timed is TimedEvent & { readonly event: RunEventOf<'run.paused'> } =>
      timed.event.kind === 'run.paused',
  )
  const { reason, by, needed } = last?.event.data ?? { reason: 'request' }
  const since = last === undefined ? {} : { since: last.at }
  if (reason === 'budget') {
    const most = formatFtns(toMicroFtns(BigInt(needed ?? '0')))
    return {
      kind: 'budget',
      message: `its budget is used up: what comes next may bring it to ${most}`,
      command: `prsm resume ${id} --budget "${most}"`,
      ...since,
    }
  }
  if (reason === 'incident') return { ...undecided(facts), ...since }
  const who = by === undefined ? '' : ` by ${by}`
  const what = reason === 'interrupt' ? 'interrupted' : 'paused'
  return { kind: 'paused', message: `it was ${what}${who}`, command: `prsm resume ${id}`, ...since }
}

/** Somebody has to decide; where money is all that is short, more of it is what helps. */
function undecided({ record, state }: Facts): Reason {
  const { error } = state.failure ?? {}
  const needed = error?.code === 'workflow.over-budget' ? error.details?.['needed'] : undefined
  if (error === undefined || typeof needed !== 'string') {
    const message = 'it waits for somebody to decide what becomes of a failure'
    return { kind: 'incident', message, command: `prsm incidents ls` }
  }
  const most = formatFtns(toMicroFtns(state.spent + BigInt(needed)))
  const command = `prsm resume ${record.id} --budget "${most}"`
  return { kind: 'incident', message: error.message, command, error }
}

function undoing({ state, where }: Facts): Reason {
  const { undo, undoable } = state
  const [present] = undo?.active.values() ?? []
  const what = present === undefined ? 'what it did' : `step "${unitKey(present.ref)}"`
  const dueAt = present?.dueAt
  const isLater = dueAt !== undefined && dueAt > where.now
  return {
    kind: 'undo',
    message: `it undoes ${what}${isLater ? ', and tries again later' : ''}; ${undoable.size} left`,
    ...(present !== undefined && { step: present.ref.step }),
    ...(isLater && { dueAt }),
  }
}

/** Steps that could begin and have not. */
function queued(facts: Facts): readonly Reason[] {
  const { state, where } = facts
  const [first] = state.ready
  if (first === undefined || where.owner === undefined) return []
  if (state.failure !== undefined && state.workflow.isFailFast) return []
  if (state.running < state.workflow.concurrency) return [slot(facts)]
  const { running, ready } = state
  return [
    {
      kind: 'concurrency',
      message: `${ready.length} steps wait for one of the ${running} units in progress: "concurrency" lets no more run at once`,
      step: first,
    },
  ]
}

function slot({ state, where }: Facts): Reason {
  const [first] = state.ready
  const what = first === undefined ? 'the run' : `step "${first}"`
  return {
    kind: 'slot',
    message: `${what} waits for a free slot of worker ${where.owner ?? ''}`,
    ...(first !== undefined && { step: first }),
  }
}
