import { sleep } from '../../kernel/clock.ts'
import { openTelling, type OpenTelling } from '../chunks/telling.ts'
import { FencedError, StepAbortedError } from '../errors.ts'
import { unitKey } from '../machine/events.ts'
import type { LeasedTask, TaskAnswer, TaskEnding } from '../queue/task.ts'

import type { EngineState, ServedTask } from './engine-state.ts'
import { judge, runUntilStopped } from './execute-unit.ts'
import { begin } from './prepare-unit.ts'
import { fromKeptCheckpoint, fromQueued } from './queued-parameters.ts'
import { createQueuedTask } from './queued-task.ts'
import { redact, redactError } from './redact.ts'
import { createStop } from './stop.ts'

/** Takes as many units from the queue as this worker has room for, and stops those it must. */
export async function serveTasks(engine: EngineState, wake: () => void): Promise<void> {
  const { deps, hooks, options, worker, served } = engine
  if (engine.phase !== 'working') return
  if (served.size > 0) await stopRecalled(engine)
  const places = Math.min(hooks.slots.free, LEASE_BATCH)
  const only = options.claims ? undefined : [...engine.runs.keys(), ...engine.parked]
  if (places <= 0 || only?.length === 0 || !(await deps.tasks.isWaited())) return
  const { tasks, preempt } = await deps.tasks.lease({
    worker,
    profile: options.profile,
    places,
    now: deps.clock.now(),
    ...(only !== undefined && { only }),
  })
  for (const id of preempt) giveWay(served.get(id), 'paused')
  for (const task of tasks) void serve(engine, task).then(wake)
  if (tasks.length === places) engine.isLookDue = true
}

/** Units leased in one statement. */
const LEASE_BATCH = 64

/** Stops a unit so that it can go on elsewhere, or later. */
export function giveWay(served: ServedTask | undefined, status: 'paused' | 'queued'): void {
  if (served === undefined || served.gaveWay !== undefined) return
  served.gaveWay = status
  served.stop.stop(new StepAbortedError(unitKey(served.task), 'it gives way'))
}

/** Stops whatever runs here: the lease of this worker is over. */
export function abandonTasks({ served }: EngineState): void {
  for (const { task, stop } of served.values()) stop.stop(new FencedError(task.run))
  served.clear()
}

async function stopRecalled({ deps, worker, served }: EngineState): Promise<void> {
  for (const { id } of await deps.tasks.listRecalls(worker)) {
    const one = served.get(id)
    one?.stop.stop(new StepAbortedError(unitKey(one.task), 'its run has ended'))
  }
}

/** Runs a unit and tells its run what became of it; whoever else has it by then is not disturbed. */
async function serve(engine: EngineState, task: LeasedTask): Promise<void> {
  const { deps, hooks, worker, served } = engine
  const { id, lease } = task
  const one: ServedTask = { task, stop: createStop(), gaveWay: undefined, hidden: [] }
  served.set(id, one)
  hooks.slots.take(one)
  const tell = (status: TaskEnding['status'], answer: TaskAnswer): Promise<boolean> =>
    surely(engine, one, () =>
      deps.tasks.settle({ id, worker, lease, status, answer, at: deps.clock.now() }),
    )
  if (await tell('running', { status: 'running', worker })) {
    const answer = await answerOf(engine, one)
    const { gaveWay } = one
    if (gaveWay !== undefined && answer.status === 'cancelled') {
      await surely(engine, one, () => deps.tasks.giveBack(task, worker, gaveWay))
    } else await tell(answer.status, answer)
  }
  if (served.get(id) === one) served.delete(id)
  hooks.slots.give(one)
}

/** Writes again and again while the database is away, for as long as the unit is this worker's. */
async function surely(
  engine: EngineState,
  one: ServedTask,
  work: () => Promise<boolean>,
): Promise<boolean> {
  const { deps, options, served } = engine
  const { id } = one.task
  while (served.get(id) === one) {
    try {
      return await work()
    } catch (fault) {
      deps.log.error('workflow.task-not-recorded', fault, { task: id })
      await sleep(deps.clock, options.pollMs)
    }
  }
  return false
}

/** The answer of a unit, when what it has told is written: whoever hears of its end finds all of it. */
async function answerOf(engine: EngineState, one: ServedTask): Promise<TaskAnswer> {
  const telling = tellingOf(engine, one)
  try {
    return await workOn(engine, one, telling)
  } finally {
    await telling?.end()
  }
}

function tellingOf(
  { deps, worker }: EngineState,
  { task: { id, run, step, index, lease }, hidden }: ServedTask,
): OpenTelling | undefined {
  const { chunks } = deps
  if (chunks === undefined) return undefined
  const holder = { worker, task: { id, lease } }
  return openTelling({ ...deps, chunks }, { run, step, index, holder, hidden: () => hidden })
}

async function workOn(
  engine: EngineState,
  one: ServedTask,
  telling: OpenTelling | undefined,
): Promise<TaskAnswer> {
  const { deps } = engine
  const { task, stop, hidden } = one
  const { tenant } = task
  const since = deps.clock.now()
  try {
    const kind = deps.kinds.get(task.body.uses)
    if (kind === undefined) throw new TypeError(`there is no kind of step "${task.body.uses}" here`)
    const place = { tenant, task: task.id }
    const kept = await fromQueued(deps, place, task.body.parameters)
    hidden.push(...kept.hidden)
    const checkpoint = await fromKeptCheckpoint(deps, place, task.checkpoint)
    const { prepared, secrets } = await begin({ deps, tenant }, kind, kept.parameters)
    hidden.push(...secrets)
    if (prepared.kind === 'wait') throw new TypeError(`"${kind.name}" waits and cannot be queued`)
    const { timeoutMs } = task.body
    const unit = { ref: task, stop, timeoutMs }
    const result = await runUntilStopped(deps.clock, unit, () =>
      prepared.run(createQueuedTask(engine, one, { checkpoint, telling })),
    )
    const ms = Math.max(0, deps.clock.now() - since - (result.queuedMs ?? 0))
    const output = await deps.artifacts.deflate(redact(result.output, hidden))
    return { status: 'completed', output, ms, usage: result.usage ?? [] }
  } catch (fault) {
    if (fault instanceof StepAbortedError) return { status: 'cancelled' }
    const { error, isTransient, retryAfterMs, usage } = judge(fault)
    return {
      status: 'failed',
      error: redactError(error, hidden),
      isTransient,
      retryAfterMs,
      usage,
    }
  }
}
