import type { NextMove } from '../machine/decide-run.ts'
import { unitRef } from '../machine/events.ts'
import { leftToPay } from '../machine/pay.ts'

import { type ActiveRun, record } from './active-run.ts'
import type { Execution } from './execution.ts'
import { begin, evaluate, momentOf, stepOf, type UnitScope, unitVariables } from './prepare-unit.ts'
import { stopKey } from './settle.ts'
import { createStop } from './stop.ts'

type UndoMove = Extract<NextMove, { kind: 'undo' }>

/** Begins to undo the next unit when it is due. */
export function undoNext(run: ActiveRun, { ref, attempt, dueAt }: UndoMove): void {
  if (dueAt > run.deps.clock.now()) return
  record(run, [{ kind: 'undo.started', data: { ...unitRef(ref), attempt } }], {
    after: () => {
      const execution = undoExecution(run, { ref, attempt })
      run.stops.set(stopKey(execution), execution.stop)
      run.hooks.execute(run, execution)
    },
  })
}

/** A run whose units may be undone. */
export interface UndoScope extends UnitScope {
  readonly tenant: string
}

/** How a completed unit is undone. Its parameters are evaluated when it runs. */
export function undoExecution(
  scope: UndoScope,
  { ref, attempt }: Pick<UndoMove, 'ref' | 'attempt'>,
): Execution {
  const step = stepOf(scope, ref)
  const plan = step.compensate
  if (plan === undefined) throw new TypeError(`step "${step.name}" cannot be undone`)
  const secrets: string[] = []
  return {
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
    bound: leftToPay(scope.state),
    tenant: scope.tenant,
    secrets,
    timeoutMs: plan.timeoutMs,
    stop: createStop(),
    purpose: 'undo',
    async run(task) {
      const output = await scope.deps.artifacts.inflate(ref.output)
      const variables = await unitVariables(scope, step, ref)
      const parameters = await evaluate(
        scope,
        plan.parameters,
        momentOf(scope, step, { ...variables, attempt, output }),
      )
      const { prepared, secrets: used } = begin(scope, plan.kind, parameters)
      secrets.push(...used)
      if (prepared.kind === 'wait') throw new TypeError(`"${plan.kind.name}" waits and cannot undo`)
      return prepared.run(task)
    },
  }
}
