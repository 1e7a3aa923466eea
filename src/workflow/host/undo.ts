import { decideUndoFailure, type NextMove } from '../machine/decide-run.ts'
import { unitKey, unitRef } from '../machine/events.ts'
import { costOf } from '../machine/outcome.ts'
import { leftToPay } from '../machine/pay.ts'

import { type ActiveRun, record } from './active-run.ts'
import { executeUnit } from './execute-unit.ts'
import type { Execution } from './execution.ts'
import { begin, evaluate, momentOf, stepOf, unitVariables } from './prepare-unit.ts'
import { createStop } from './stop.ts'

type UndoMove = Extract<NextMove, { kind: 'undo' }>

/** Begins to undo the next unit when it is due. */
export function undoNext(
  run: ActiveRun,
  { ref, attempt, dueAt }: UndoMove,
  wake: () => void,
): void {
  if (dueAt > run.deps.clock.now()) return
  record(run, [{ kind: 'undo.started', data: { ...unitRef(ref), attempt } }], {
    after: () => void undo(run, { ref, attempt, wake }),
  })
}

interface Undoing {
  readonly ref: UndoMove['ref']
  readonly attempt: number
  readonly wake: () => void
}

async function undo(run: ActiveRun, { ref, attempt, wake }: Undoing): Promise<void> {
  const step = stepOf(run, ref)
  const plan = step.compensate
  if (plan === undefined) throw new TypeError(`step "${step.name}" cannot be undone`)
  const secrets: string[] = []
  const execution: Execution = {
    ref,
    step: {
      ...step,
      kind: plan.kind,
      output: undefined,
      repeat: undefined,
      onError: { kind: 'fail' },
    },
    attempt,
    pass: 1,
    // An undo is never refused for want of credit: it pays what is left, and the rest stays on record.
    bound: leftToPay(run.state),
    tenant: run.tenant,
    secrets,
    timeoutMs: plan.timeoutMs,
    stop: createStop(),
    purpose: 'undo',
    async run(task) {
      const output = await run.deps.artifacts.inflate(ref.output)
      const variables = await unitVariables(run, step, ref)
      const parameters = await evaluate(
        run,
        plan.parameters,
        momentOf(run, step, { ...variables, attempt, output }),
      )
      const { prepared, secrets: used } = begin(run, plan.kind, parameters)
      secrets.push(...used)
      if (prepared.kind === 'wait') throw new TypeError(`"${plan.kind.name}" waits and cannot undo`)
      return prepared.run(task)
    },
  }
  run.stops.set(`undo:${unitKey(ref)}`, execution.stop)
  const ending = await executeUnit(run, execution)
  run.stops.delete(`undo:${unitKey(ref)}`)
  if (!run.isHere) return
  record(
    run,
    ending.kind === 'succeeded'
      ? [{ kind: 'undo.completed', data: { ...unitRef(ref), ...costOf(ending.success) } }]
      : decideUndoFailure(run.state, plan.retry, ending.failure),
  )
  wake()
}
