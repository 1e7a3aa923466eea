import { toErrorRecord } from '../kernel/errors.ts'
import { type Json, toJsonObject } from '../kernel/json.ts'
import type { Usage } from '../kernel/usage.ts'
import type { GenerateRequest, Generation, Message, Models, ToolCall } from '../models/index.ts'
import type { StepTask } from '../workflow/index.ts'

import { TurnsExhaustedError } from './errors.ts'
import type { AgentTool } from './tools.ts'
import { createTurnListener } from './turn-listener.ts'

/** What an agent is asked to do. */
export interface AgentRequest {
  /** Everything the model is asked in its first turn, tools left out. */
  readonly request: GenerateRequest
  readonly tools: readonly AgentTool[]
  /** Most calls of the model. */
  readonly maxTurns: number
}

/** What an agent did. */
export interface AgentOutcome {
  readonly generation: Generation
  /** Calls of the model. */
  readonly turns: number
  /** Tools used, in order. */
  readonly toolCalls: readonly { readonly name: string; readonly isError: boolean }[]
  readonly usage: readonly Usage[]
  /** How long its calls waited for their turn, milliseconds. */
  readonly queuedMs: number
}

/**
 * Runs an agent: the model is asked, its tools are used, until it answers.
 *
 * @remarks Crash: the step is run again from its first turn; model calls carry the step's key and
 * the number of the turn, so a provider that knows keys answers the finished ones from memory.
 *
 * @throws {@link TurnsExhaustedError} no answer within `maxTurns`.
 */
export async function runAgent(
  models: Models,
  { request, tools, maxTurns }: AgentRequest,
  task: StepTask,
): Promise<AgentOutcome> {
  const messages: Message[] = [...request.messages]
  const usage: Usage[] = []
  const used: { name: string; isError: boolean }[] = []
  let queuedMs = 0
  const definitions = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }))
  const turns = task.telling && createTurnListener(task.telling)
  for (let turn = 1; turn <= maxTurns; turn++) {
    const generation = await models.generate(
      { ...request, messages, ...(definitions.length > 0 && { tools: definitions }) },
      {
        signal: task.signal,
        idempotencyKey: `${task.idempotencyKey}/turn-${turn}`,
        listener: turns?.begin(),
      },
    )
    usage.push(usageOf(generation))
    queuedMs += generation.queuedMs
    if (generation.toolCalls.length === 0)
      return { generation, turns: turn, toolCalls: used, usage, queuedMs }
    const results = await Promise.all(
      generation.toolCalls.map((call) => useTool(call, tools, { task, turn })),
    )
    for (const { name, isError } of results) used.push({ name, isError })
    messages.push(generation.message, { role: 'tool', content: results })
  }
  throw new TurnsExhaustedError(maxTurns, usage)
}

/** What a generation used up, as it is priced. */
export function usageOf({ provider, model, usage }: Generation): Usage {
  const reference =
    model === provider || model.startsWith(`${provider}:`) ? model : `${provider}:${model}`
  return {
    resource: 'model_inference_tokens',
    model: reference,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  }
}

interface ToolResult {
  readonly kind: 'tool-result'
  readonly id: string
  readonly name: string
  readonly output: Json
  readonly isError: boolean
}

interface ToolSetting {
  readonly task: StepTask
  readonly turn: number
}

/** Uses a tool; what goes wrong is told to the model, which may do better. */
async function useTool(
  { id, name, input, invalidInput }: ToolCall,
  tools: readonly AgentTool[],
  { task, turn }: ToolSetting,
): Promise<ToolResult> {
  const failed = (error: Json): ToolResult => ({
    kind: 'tool-result',
    id,
    name,
    output: error,
    isError: true,
  })
  const tool = tools.find((each) => each.name === name)
  if (tool === undefined) return failed(`there is no tool "${name}"`)
  if (invalidInput !== undefined) return failed(`the input is not JSON: ${invalidInput}`)
  try {
    const output = await tool.run(input, task, `${task.idempotencyKey}/turn-${turn}/${id}`)
    return { kind: 'tool-result', id, name, output, isError: false }
  } catch (fault) {
    if (task.signal.aborted) throw fault
    return failed(toJsonObject(toErrorRecord(fault)))
  }
}
