import { formatDuration } from '../../../kernel/duration.ts'
import { MAX_CRASHES } from '../../machine/decide-undo.ts'
import { unitKey } from '../../machine/events.ts'
import type { Unit } from '../../machine/state.ts'
import { isRefusal } from '../../retry.ts'
import type { Reason } from '../schema.ts'

import type { Facts, QueuedTask } from './facts.ts'

/** What one unit in progress waits for. */
export function unitReason(facts: Facts, unit: Unit): Reason {
  const { step, index, since, dueAt, phase } = unit
  const place = { step, ...(index !== undefined && { index }), since }
  const due = dueAt === undefined ? {} : { dueAt }
  const name = `step "${unitKey(unit)}"`
  switch (phase) {
    case 'waiting': {
      const isQueued = unit.waiting?.for === 'task'
      const reason = isQueued ? runningReason(facts, unit) : waitReason(facts, unit)
      return { ...reason, ...place, ...due }
    }
    case 'retrying': {
      const error = lastError(facts, unit)
      return {
        ...retryReason(name, error),
        ...place,
        ...due,
        ...(error !== undefined && { error }),
      }
    }
    case 'repeating':
      return {
        kind: 'pass',
        message: `${name} waits for its pass ${unit.pass + 1}`,
        ...place,
        ...due,
      }
    case 'running':
      return { ...runningReason(facts, unit), ...place }
    default:
      throw new TypeError('unknown phase')
  }
}

function retryReason(name: string, error: Reason['error']): Reason {
  if (error !== undefined && isRefusal(error.code)) {
    const message = `${name} waits to be tried again: ${error.message}`
    return { kind: 'retry', message, command: 'prsm breakers' }
  }
  const what = error === undefined ? '' : ` (${error.message})`
  return { kind: 'retry', message: `${name} failed${what} and is tried again` }
}

function runningReason(facts: Facts, unit: Unit): Pick<Reason, 'kind' | 'message' | 'command'> {
  const key = unitKey(unit)
  const task = facts.where.tasks.find((each) => unitKey(each) === key)
  if (task === undefined) return { kind: 'running', message: runningText(facts, unit) }
  const { owner, able, workersLost } = task
  const lost = workersLost === 0 ? '' : `; ${workersLost} workers were lost while it ran`
  if (owner !== undefined)
    return { kind: 'running', message: `step "${key}" runs at worker ${owner}${lost}` }
  const who = able === 0 ? 'no worker that lives has that' : `${able} workers would do`
  return {
    kind: 'worker',
    message: `step "${key}" waits in the queue for a worker with ${needsOf(task)}: ${who}${lost}`,
    command: able === 0 ? workerFor(task) : 'prsm queue ls',
  }
}

/** A worker that would do, as far as its machine has what it offers. */
function workerFor({ labels, amounts }: QueuedTask): string {
  const parts = ['prsm worker']
  if (labels.length > 0) parts.push(`--labels ${labels.join(',')}`)
  const { gpu_units: gpus } = amounts
  if (gpus !== undefined) parts.push(`--gpus ${Math.ceil(gpus)}`)
  return parts.join(' ')
}

function needsOf({ labels, amounts }: QueuedTask): string {
  const resources = Object.entries(amounts).map(([name, amount]) => `${amount} ${name}`)
  const all = [...labels, ...resources]
  return all.length === 0 ? 'room' : all.join(', ')
}

function runningText({ where }: Facts, unit: Unit): string {
  const { owner, leaseLeftMs } = where
  const lost =
    unit.crashes === 0
      ? ''
      : `; ${unit.crashes} workers were lost while it ran, at ${MAX_CRASHES} it is given up`
  const lease =
    owner === undefined || leaseLeftMs === undefined || leaseLeftMs <= 0
      ? ''
      : ` at worker ${owner}, whose lease has ${formatDuration(leaseLeftMs)} left`
  return `step "${unitKey(unit)}" runs, try ${unit.attempt}${lease}${lost}`
}

function waitReason(
  { record, state }: Facts,
  unit: Unit,
): Pick<Reason, 'kind' | 'message' | 'command'> {
  const { waiting, step, index } = unit
  const name = `step "${unitKey(unit)}"`
  const item = index === undefined ? '' : ` --index ${index}`
  if (waiting?.child !== undefined) {
    const { child } = waiting
    return {
      kind: 'child',
      message: `${name} waits for run ${child}`,
      command: `prsm why ${child}`,
    }
  }
  const { signal } = waiting ?? {}
  if (signal === undefined) return { kind: 'timer', message: `${name} waits for a time` }
  if (signal !== 'approval') {
    const command = `prsm signal ${record.id} ${signal} --step ${step}${item}`
    return { kind: 'signal', message: `${name} waits for the signal "${signal}"`, command }
  }
  const question = state.workflow.steps.get(step)?.raw.with['question']
  const asks = typeof question === 'string' && !question.includes('{%') ? `: ${question}` : ''
  const command = `prsm approve ${record.id} ${step}${item}`
  return { kind: 'approval', message: `${name} asks for approval${asks}`, command }
}

/** What a unit that is tried again failed with. */
function lastError({ events }: Facts, unit: Unit): Reason['error'] {
  const key = unitKey(unit)
  const last = events.findLast(
    ({ event }) => event.kind === 'step.retrying' && unitKey(event.data) === key,
  )
  return last?.event.kind === 'step.retrying' ? last.event.data.error : undefined
}
