import type { Json, JsonObject } from '../kernel/json.ts'
import type { StepTask } from '../workflow/index.ts'

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
