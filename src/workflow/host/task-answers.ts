import { isJsonObject, type Json } from '../../kernel/json.ts'
import { StepAbortedError } from '../errors.ts'
import { unitKey, unitRef } from '../machine/events.ts'
import { isFinal, type Unit } from '../machine/state.ts'
import { readAnswer, type TaskAnswer } from '../queue/task.ts'

import { type ActiveRun, record } from './active-run.ts'
import { type Ending, judge, judged, toFailure, toSuccess } from './execute-unit.ts'
import { stepOf } from './prepare-unit.ts'
import type { Signal } from './run-store.ts'
import { settle } from './settle.ts'

/** Takes what a worker tells of a unit that was queued; what tells of an earlier try is dropped. */
export function answerTask(run: ActiveRun, { id, step = '', index, payload }: Signal): void {
  const ref = unitRef({ step, index })
  const unit = run.state.active.get(unitKey(ref))
  const consumed = [id]
  const answer = readAnswer(payload)
  const isMeant = unit?.waiting?.task !== undefined && unit.waiting.task === taskIn(payload)
  if (unit === undefined || !isMeant || answer === undefined || isFinal(run.state.status)) {
    record(run, [], { consumed })
    return
  }
  if (answer.status === 'running') {
    const { worker } = answer
    record(run, [{ kind: 'step.assigned', data: { ...ref, worker } }], { consumed })
    return
  }
  void finish(run, unit, { answer, consumed })
}

function taskIn(payload: Json): Json | undefined {
  return isJsonObject(payload) ? payload['task'] : undefined
}

type FinalAnswer = Exclude<TaskAnswer, { readonly status: 'running' }>

interface Finish {
  readonly answer: FinalAnswer
  readonly consumed: readonly string[]
}

async function finish(run: ActiveRun, unit: Unit, { answer, consumed }: Finish): Promise<void> {
  const key = unitKey(unit)
  run.busy.add(key)
  const ending = await endingOf(run, unit, answer)
  run.busy.delete(key)
  if (!run.isHere || run.isLeaving) return
  // A loop or a fallback was evaluated meanwhile; whatever else has ended the unit came first.
  if (run.state.active.get(key)?.waiting?.task !== unit.waiting?.task) {
    record(run, [], { consumed })
    return
  }
  settle(run, { ref: unitRef(unit), purpose: 'do', along: { consumed } }, ending)
}

/** Never rejects: a fault of an expression is the unit's failure. */
async function endingOf(run: ActiveRun, unit: Unit, answer: FinalAnswer): Promise<Ending> {
  const step = stepOf(run, unit)
  // The worker has kept its secrets out of what it tells.
  const execution = { step, ref: unitRef(unit), secrets: [], bound: unit.bound }
  try {
    switch (answer.status) {
      case 'completed': {
        const isReshaped = step.output !== undefined || step.repeat !== undefined
        const { artifacts } = run.deps
        const output = isReshaped ? await artifacts.inflate(answer.output) : answer.output
        const given = { result: { output, usage: answer.usage }, ms: answer.ms }
        return { kind: 'succeeded', success: await toSuccess(run, execution, given) }
      }
      case 'failed': {
        const judgement = { ...answer, isStopped: false }
        return { kind: 'failed', failure: await judged(run, execution, judgement) }
      }
      case 'cancelled': {
        const fault = new StepAbortedError(unitKey(unit), 'its run has ended')
        return { kind: 'failed', failure: await judged(run, execution, judge(fault)) }
      }
      default:
        throw new TypeError('unknown answer')
    }
  } catch (fault) {
    return { kind: 'failed', failure: await toFailure(run, execution, fault) }
  }
}
