import type { UndoUnit } from '../machine/decide-rollback.ts'
import { unitRef } from '../machine/events.ts'
import { leftToPay } from '../machine/pay.ts'

import { type ActiveRun, record } from './active-run.ts'
import type { Execution } from './execution.ts'
import { begin, evaluate, momentOf, stepOf, type UnitScope, unitVariables } from './prepare-unit.ts'
import { stopKey } from './settle.ts'
import { createStop } from './stop.ts'

/** Begins to undo units, or to remove what they left, as far as they are due. */
export function undoUnits(run: ActiveRun, units: readonly UndoUnit[]): void {
  const now = run.deps.clock.now()
  for (const unit of units) if (unit.dueAt <= now) undoUnit(run, unit)
}

function undoUnit(run: ActiveRun, unit: UndoUnit): void {
  const { ref, attempt, purpose } = unit
  const kind = purpose === 'undo' ? 'undo.started' : 'clean.started'
  record(run, [{ kind, data: { ...unitRef(ref), attempt } }], {
    after: () => {
      const execution = undoExecution(run, unit)
      run.stops.set(stopKey(execution), execution.stop)
      run.hooks.execute(run, execution)
    },
  })
}

/** How a unit is undone, or what it left is removed. Its parameters are evaluated when it runs. */
export function undoExecution(
  scope: UnitScope,
  { ref, attempt, purpose }: Omit<UndoUnit, 'dueAt'>,
): Execution {
  const step = stepOf(scope, ref)
  const plan = purpose === 'undo' ? step.compensate : step.cleanup
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
    purpose,
    async run(task) {
      const output = await scope.deps.artifacts.inflate(ref.output)
      const variables = await unitVariables(scope, step, ref)
      const parameters = await evaluate(
        scope,
        plan.parameters,
        momentOf(scope, step, { ...variables, attempt, output }),
      )
      const { prepared, secrets: used } = await begin(scope, plan.kind, parameters)
      secrets.push(...used)
      if (prepared.kind === 'wait') throw new TypeError(`"${plan.kind.name}" waits and cannot undo`)
      return prepared.run(task)
    },
  }
}
