import type { Json } from '../../kernel/json.ts'
import { tryOf } from '../machine/decide-step.ts'
import { decideWait } from '../machine/decide-wait.ts'
import { type UnitRef, unitKey } from '../machine/events.ts'
import { DEFAULT_TERMS, type NewTask, TASK_SIGNAL } from '../queue/task.ts'
import { queueKey } from '../queue/urgency.ts'

import { type ActiveRun, record } from './active-run.ts'
import { stepOf } from './prepare-unit.ts'
import { toQueued } from './queued-parameters.ts'

/** A unit that is to wait for a worker. */
export interface QueuedWork {
  /** As evaluated, secrets still by name. */
  readonly parameters: Json
  /** Most it may cost, µFTNS. */
  readonly bound: bigint
}

/** Puts a unit into the queue, in the commit that records that it waits. */
export async function enqueueUnit(
  run: ActiveRun,
  ref: UnitRef,
  { parameters, bound }: QueuedWork,
): Promise<void> {
  const bare = taskOf(run, ref, { parameters, bound })
  const kept = await toQueued(run, bare.id, parameters)
  const task = { ...bare, body: { ...bare.body, parameters: kept } }
  const waiting = { for: 'task', signal: TASK_SIGNAL, task: task.id } as const
  record(run, decideWait(run.state, ref, { waiting, bound, now: task.createdAt }), {
    tasks: [task],
  })
}

function taskOf(run: ActiveRun, ref: UnitRef, { parameters, bound }: QueuedWork): NewTask {
  const { state, deps, id, tenant } = run
  const step = stepOf(run, ref)
  const { placement } = step
  if (placement === undefined) throw new TypeError(`step "${step.name}" asks for no worker`)
  const { attempt, pass = 1 } = tryOf(state, ref, bound)
  const { priority, team, deadline } = state.terms ?? DEFAULT_TERMS
  const createdAt = deps.clock.now()
  const round = state.steps.get(ref.step)?.round ?? 0
  const again = state.redrives + round === 0 ? '' : `.${state.redrives}.${round}`
  const { expectedMs, needs, labels, isPreemptible } = placement
  return {
    id: `${id}/${unitKey(ref)}/${pass}.${attempt}${again}`,
    run: id,
    step: ref.step,
    index: ref.index,
    attempt,
    tenant,
    team,
    priority,
    key: queueKey({ priority, createdAt, deadline, expectedMs }),
    needs,
    labels,
    isPreemptible,
    expectedMs,
    createdAt,
    body: {
      uses: step.kind.name,
      parameters,
      pass,
      ...(round > 0 && { round }),
      ...(step.timeoutMs !== undefined && { timeoutMs: step.timeoutMs }),
    },
  }
}
