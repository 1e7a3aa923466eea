import type { Json } from '../../kernel/json.ts'
import type { Telling } from '../chunks/telling.ts'
import { foldRun } from '../history/fold.ts'
import { unitKey } from '../machine/events.ts'
import type { StepTask } from '../steps/step-kind.ts'

import { workflowOf } from './definitions.ts'
import { effectKey } from './effect-key.ts'
import type { EngineState, ServedTask } from './engine-state.ts'
import type { Execution } from './execution.ts'
import { hiddenIn, openInputs } from './opened.ts'
import { stepOf, type UnitScope } from './prepare-unit.ts'
import { toKeptCheckpoint } from './queued-parameters.ts'
import { UnitTask } from './task.ts'

/** What belongs to one lease of a queued unit. */
export interface QueuedWork {
  /** What was kept last. */
  readonly checkpoint: Json | undefined
  readonly telling: Telling | undefined
}

/** What a queued unit is told and given; its run is read only if it asks to see it. */
export function createQueuedTask(
  engine: EngineState,
  { task, stop, hidden }: ServedTask,
  { checkpoint, telling }: QueuedWork,
): StepTask {
  const { deps, worker } = engine
  const { run, tenant, step, index, attempt, body } = task
  const key = unitKey(task)
  let kept = checkpoint
  return {
    runId: run,
    tenant,
    step,
    index,
    attempt,
    idempotencyKey: effectKey({ run, ref: task, pass: body.pass, round: body.round ?? 0 }),
    log: deps.log.child({ run, step: key }),
    get signal() {
      return stop.signal
    },
    telling,
    folder: () => deps.folderOf(run),
    view: async () => {
      const scope = await scopeOf(engine, task)
      const execution: Execution = {
        ref: task,
        step: stepOf(scope, task),
        attempt,
        pass: body.pass,
        bound: 0n,
        tenant,
        secrets: [],
        timeoutMs: body.timeoutMs,
        stop,
        purpose: 'do',
        run: () => Promise.reject(new TypeError('this unit is run from the queue')),
      }
      return new UnitTask(scope, execution).view()
    },
    openInputs: async () => {
      const scope = await scopeOf(engine, task)
      const inputs = await openInputs(scope)
      hidden.push(...hiddenIn(scope, []))
      return inputs
    },
    checkpoint: {
      load: () => kept,
      async save(value: Json) {
        kept = value
        const place = { tenant, task: task.id, hidden }
        await deps.tasks.keepCheckpoint(task, worker, await toKeptCheckpoint(deps, place, value))
      },
    },
  }
}

/** A run as its history tells, to be looked at. */
async function scopeOf(
  engine: EngineState,
  { run: id, tenant }: ServedTask['task'],
): Promise<UnitScope> {
  const { deps } = engine
  const events = await deps.store.readEvents(id)
  const [first] = events
  const definition = first?.event.kind === 'run.created' ? first.event.data.definition : ''
  const state = foldRun(await workflowOf(engine, definition), events)
  return { id, tenant, state, deps, lists: new Map(), opened: new Map() }
}
