/**
 * Agents: steps that ask language models, use tools, and keep their context small.
 *
 * @module
 */
export { createAgentKind, type AgentKindDeps } from './agent-kind.ts'
export { type AgentOutcome, type AgentRequest, runAgent } from './agent-loop.ts'
export { createCompressKind } from './compress-kind.ts'
export { TurnsExhaustedError, UnfitToolError, UnknownToolError } from './errors.ts'
export { createModelKind } from './model-kind.ts'
export { type AgentTool, toTool } from './tools.ts'
