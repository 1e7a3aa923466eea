import type { JsonObject } from '../../kernel/json.ts'
import { refuse, ok, type Result } from '../../kernel/result.ts'

import type { ControlRefusal } from './control.ts'
import type { RunEvent } from './events.ts'
import type { RunState, RunStatus } from './state.ts'

/** A request to go on under another definition, which was found to fit the run as it was. */
export interface Upgrade {
  readonly action: 'upgrade'
  readonly by: string
  /** Content hash of the definition, which is kept already. */
  readonly definition: string
  /** Events of the run when the definition was found to fit. */
  readonly version: number
  readonly without: readonly string[]
  readonly inputs?: JsonObject
}

/** Where a run may change its definition: while nothing of it runs. */
const CALM: ReadonlySet<RunStatus> = new Set(['created', 'running', 'paused', 'failed'])

/** Whether a run is at a place where its definition may change. */
export function isCalm({ status, running, undo }: RunState): boolean {
  return CALM.has(status) && running === 0 && undo === undefined
}

/**
 * The events of an upgrade.
 *
 * @param adopted - events recorded when the worker took the run up, which change nothing of it.
 */
export function decideUpgrade(
  state: RunState,
  { by, definition: to, version, without, inputs }: Upgrade,
  adopted: number,
): Result<readonly RunEvent[], ControlRefusal> {
  const from = state.workflow.hash
  if (from === to) return ok([])
  const isAsItWas = state.version - adopted === version || state.version === version
  if (!isCalm(state) || !isAsItWas) {
    return refuse({
      code: 'workflow.not-possible',
      message: 'the run has gone on since the definition was found to fit',
      hint: 'pause the run, then upgrade it again',
    })
  }
  return ok([
    {
      kind: 'run.upgraded',
      data: { from, to, by, without, ...(inputs !== undefined && { inputs }) },
    },
  ])
}
