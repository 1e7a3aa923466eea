import type { Json, JsonObject } from '../kernel/json.ts'
import type { StepKind, StepTask } from '../workflow/index.ts'

import { UnfitToolError } from './errors.ts'

/** Something an agent can do beside thinking. */
export interface AgentTool {
  readonly name: string
  /** What it does, for the model. */
  readonly description: string
  /** JSON Schema of its input. */
  readonly inputSchema: JsonObject
  /**
   * Does it.
   *
   * @remarks A fault is shown to the model, which may try something else; it does not end the agent.
   * `callId` names the call: equal when the agent is run again after a crash.
   */
  run(input: Json, task: StepTask, callId: string): Promise<Json>
}

/**
 * A tool that does what a kind of step does.
 *
 * @remarks For kinds that use up nothing that is paid for: a tool's usage is not metered.
 * @throws {@link UnfitToolError} when it is used, if the kind waits instead of working.
 */
export function toTool(kind: StepKind, { name }: { readonly name: string }): AgentTool {
  return {
    name,
    description: kind.summary,
    inputSchema: kind.parameters,
    async run(input, task, callId) {
      const prepared = kind.prepare(input)
      if (prepared.kind !== 'work') throw new UnfitToolError(kind.name)
      const { output } = await prepared.run(asCall(task, callId))
      return output
    },
  }
}

/** The task, with the key of the call: each use of a tool is an effect of its own. */
function asCall(task: StepTask, callId: string): StepTask {
  return {
    runId: task.runId,
    tenant: task.tenant,
    step: task.step,
    index: task.index,
    attempt: task.attempt,
    idempotencyKey: callId,
    signal: task.signal,
    log: task.log,
    view: () => task.view(),
    folder: () => task.folder(),
  }
}
