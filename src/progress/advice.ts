import { formatFtns, type MicroFtns, toMicroFtns } from '../kernel/money.ts'
import { assertNever } from '../kernel/result.ts'

import type { PauseView, RunView, StepView } from './view.ts'

/** Why a run stands still, and what makes it go on. */
export interface Advice {
  readonly message: string
  /** Commands, the most likely one first. */
  readonly commands: readonly string[]
}

/** What a paused run needs; `undefined` when it is not paused. */
export function adviseOnPause({ id, pause, budget }: RunView): Advice | undefined {
  if (pause === undefined) return undefined
  const resume = `prsm resume ${id}`
  switch (pause.reason) {
    case 'budget':
      return {
        message: `the next step may cost more than is left of ${formatFtns(budget)}`,
        commands: [`${resume} --budget "${formatFtns(enough(pause, budget))}"`],
      }
    case 'interrupt':
      return {
        message: 'it was interrupted; finished steps keep their results',
        commands: [resume],
      }
    case 'incident':
      return {
        message:
          'somebody has to decide: try again, go on without it, undo everything, or leave it',
        commands: ['retry', 'skip', 'compensate', 'give-up'].map(
          (decision) => `prsm rollback resolve ${id} ${decision}`,
        ),
      }
    case 'rollback':
      return { message: 'it has gone back; it goes on from there with', commands: [resume] }
    case 'request':
      return { message: 'somebody paused it', commands: [resume] }
    default:
      return assertNever(pause.reason)
  }
}

/** A budget that lets the next step begin, and some more after it. */
function enough({ needed = toMicroFtns(0n) }: PauseView, budget: MicroFtns): MicroFtns {
  const twice = toMicroFtns(budget * 2n)
  return needed > twice ? needed : twice
}

/** What each step that waits for a signal needs, in order. */
export function adviseOnWaits({ id, steps }: RunView): readonly Advice[] {
  return steps.filter(isForSignal).map(({ name, uses, waitingFor }) => {
    const { question, signal = '' } = waitingFor ?? {}
    if (uses !== 'approval') {
      return {
        message: `step ${name} waits for the signal "${signal}"`,
        commands: [`prsm signal ${id} ${signal} --step ${name}`],
      }
    }
    const asks = question === undefined ? '' : `: ${question}`
    return {
      message: `step ${name} waits for an approval${asks}`,
      commands: [`prsm approve ${id} ${name}`, `prsm reject ${id} ${name}`],
    }
  })
}

/** Whether the run stands still until somebody sends it a signal. */
export function waitsForSignals({ status, steps }: RunView): boolean {
  if (status !== 'waiting') return false
  const waiting = steps.filter(({ units }) => units.waiting > 0)
  return waiting.length > 0 && waiting.every(isForSignal)
}

function isForSignal({ units, waitingFor }: StepView): boolean {
  return units.waiting > 0 && waitingFor?.for === 'signal'
}
