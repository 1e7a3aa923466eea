import { z } from 'zod'

import type { Usage } from '../kernel/usage.ts'
import { type GenerateRequest, type Models, TASK_NAMES } from '../models/index.ts'
import { defineStepKind, type StepKind } from '../workflow/index.ts'

import { runAgent } from './agent-loop.ts'
import { UnknownToolError } from './errors.ts'
import { boundOf, expectedUsage, modelSettings, toRequest } from './model-kind.ts'
import type { AgentTool } from './tools.ts'

/** Calls of the model when a definition does not say. */
const DEFAULT_TURNS = 8
/** Tokens of tool results and answers that each further turn is taken to add, at most. */
const TOKENS_PER_TURN = 16_000

const jsonObject = z.record(z.string(), z.json())

const parameters = z
  .strictObject({
    ...modelSettings,
    goal: z.string().min(1).max(1_000_000).optional().describe('What the agent is to achieve'),
    output: jsonObject
      .optional()
      .describe('JSON Schema of the answer; without it the answer is text'),
    task: z
      .enum(TASK_NAMES)
      .optional()
      .describe('A task that every model can do, also the offline one'),
    input: jsonObject.optional().describe('What the task works on'),
    tools: z
      .array(z.string().min(1).max(64))
      .max(32)
      .optional()
      .describe('Names of the tools it may use'),
    maxTurns: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Calls of the model at most; 8 by default'),
  })
  .refine(
    ({ goal, task }) => (goal === undefined) !== (task === undefined),
    'give either "goal" or "task"',
  )

/** What the agent kind needs. */
export interface AgentKindDeps {
  readonly models: Models
  /** Tools that definitions may hand to agents. */
  readonly tools: readonly AgentTool[]
}

/** `agent`: a model that uses tools until it has an answer. */
export function createAgentKind({ models, tools }: AgentKindDeps): StepKind {
  return defineStepKind({
    name: 'agent',
    summary:
      'Works towards a "goal" or on a "task" with tools, turn by turn, until it has an answer.',
    with: parameters,
    programBy: ['model', 'task', 'goal'],
    gives: {
      type: 'object',
      properties: {
        answer: {},
        turns: { type: 'integer' },
        tools: { type: 'array', items: { type: 'string' } },
        dropped: { type: 'integer' },
        model: { type: 'string' },
      },
      additionalProperties: false,
    },
    expect: (raw) => [expectedUsage(models, raw)],
    async bound(given) {
      const { tools: named = [], maxTurns = DEFAULT_TURNS } = given
      // Without tools there is nothing to wait for: the first turn is the answer.
      const turns = named.length === 0 ? 1 : maxTurns
      return [forTurns(await boundOf(models, requestOf(given)), turns)]
    },
    async run(given, task) {
      const chosen = chooseTools(tools, given.tools ?? [])
      const maxTurns = given.maxTurns ?? DEFAULT_TURNS
      const { generation, turns, toolCalls, usage, queuedMs } = await runAgent(
        models,
        { request: requestOf(given), tools: chosen, maxTurns },
        task,
      )
      const { output, text, dropped = 0, model } = generation
      const used = toolCalls.map(({ name }) => name)
      return {
        output: { answer: output ?? text, turns, tools: used, dropped, model },
        usage,
        queuedMs,
      }
    },
  })
}

function requestOf({ goal, ...given }: z.output<typeof parameters>): GenerateRequest {
  const { tools, maxTurns, ...rest } = given
  void tools
  void maxTurns
  return toRequest({ ...rest, prompt: goal })
}

/** The bound of several turns: each reads everything before it, and what its tools gave. */
function forTurns(first: Usage, turns: number): Usage {
  if (first.resource !== 'model_inference_tokens' || turns === 1) return first
  const { inputTokens, outputTokens } = first
  const perTurn = outputTokens + TOKENS_PER_TURN
  return {
    ...first,
    inputTokens: inputTokens * turns + (perTurn * turns * (turns - 1)) / 2,
    outputTokens: outputTokens * turns,
  }
}

function chooseTools(tools: readonly AgentTool[], names: readonly string[]): readonly AgentTool[] {
  return names.map((name) => {
    const tool = tools.find((each) => each.name === name)
    if (tool === undefined)
      throw new UnknownToolError(
        name,
        tools.map((each) => each.name),
      )
    return tool
  })
}
