import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Log } from '../../kernel/log.ts'
import { openTelling, type OpenTelling, type Telling } from '../chunks/telling.ts'
import { unitKey } from '../machine/events.ts'
import { maskInputs } from '../sealing.ts'
import type { StateView, StepTask } from '../steps/step-kind.ts'

import { effectKey } from './effect-key.ts'
import type { Execution } from './execution.ts'
import { hiddenIn, openInputs } from './opened.ts'
import { type UnitScope, unitVariables } from './prepare-unit.ts'

/** What a running step is told and given; made per try, its costlier parts only when asked for. */
export class UnitTask implements StepTask {
  readonly runId: string
  readonly tenant: string
  readonly step: string
  readonly index: number | undefined
  readonly attempt: number
  readonly #scope: UnitScope
  readonly #execution: Execution
  #telling: OpenTelling | undefined

  constructor(scope: UnitScope, execution: Execution) {
    this.runId = scope.id
    this.tenant = execution.tenant
    this.step = execution.ref.step
    this.index = execution.ref.index
    this.attempt = execution.attempt
    this.#scope = scope
    this.#execution = execution
  }

  get idempotencyKey(): string {
    const { ref, pass, purpose } = this.#execution
    const round = this.#scope.state.steps.get(ref.step)?.round ?? 0
    const key = effectKey({ run: this.runId, ref, pass, round })
    return purpose === 'do' ? key : `${key}/${purpose}`
  }

  get signal(): AbortSignal {
    return this.#execution.stop.signal
  }

  get log(): Log {
    return this.#scope.deps.log.child({ run: this.runId, step: unitKey(this.#execution.ref) })
  }

  get telling(): Telling | undefined {
    const { deps, worker, id: run } = this.#scope
    const { chunks } = deps
    if (chunks === undefined || worker === undefined || this.#execution.purpose !== 'do')
      return undefined
    this.#telling ??= openTelling(
      { ...deps, chunks },
      {
        run,
        step: this.step,
        index: this.index,
        holder: { worker },
        hidden: () => hiddenIn(this.#scope, this.#execution.secrets),
      },
    )
    return this.#telling
  }

  /** Hands in what is left of the text; resolves when it is written, or lost. */
  endTelling(): Promise<void> | undefined {
    return this.#telling?.end()
  }

  folder(): Promise<string> {
    return this.#scope.deps.folderOf(this.runId)
  }

  openInputs(): JsonObject | Promise<JsonObject> {
    const { inputs, workflow } = this.#scope.state
    return workflow.isSensitive === undefined ? inputs : openInputs(this.#scope)
  }

  view(): StateView | Promise<StateView> {
    const { state, deps } = this.#scope
    const { step, ref } = this.#execution
    const steps: Record<string, Json> = {}
    const inputs = maskInputs(state.inputs)
    for (const name of step.needs) {
      const output = state.steps.get(name)?.output ?? null
      if (deps.artifacts.isDeflated(output)) return this.#fetchedView()
      steps[name] = output
    }
    return ref.index === undefined ? { inputs, steps } : this.#fetchedView()
  }

  async #fetchedView(): Promise<StateView> {
    const { state, deps } = this.#scope
    const { step, ref } = this.#execution
    const steps: Record<string, Json> = {}
    for (const name of step.needs) {
      steps[name] = await deps.artifacts.inflate(state.steps.get(name)?.output ?? null)
    }
    const inputs = maskInputs(state.inputs)
    if (ref.index === undefined) return { inputs, steps }
    const { item = null } = await unitVariables(this.#scope, step, ref)
    return { inputs, steps, item }
  }
}
