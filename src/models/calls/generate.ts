import type { CallMade } from '../limits/provider-runtime.ts'

import { judgeTurn } from './contract.ts'
import { readTurn, type Turn } from './generation.ts'
import { addOutcome, type Outcome } from './outcome.ts'
import { type PreparedCall, type PreparedTurn, prepareTurn, toRepair } from './prepared-call.ts'

/**
 * Makes the calls of a request: one turn, and a repair turn when the answer breaks its contract.
 *
 * @throws {@link ModelCallError}, or the signal's reason.
 */
export async function generateOutcome(call: PreparedCall, signal: AbortSignal): Promise<Outcome> {
  const prepared = prepareTurn(call)
  const { value: turn, ...made } = await callModel(call, prepared, signal)
  const terms = { ...call, prompt: prepared.options.prompt }
  const verdict = judgeTurn(turn, terms, call.hasRepair)
  if (verdict.kind === 'done') return { turn, ...made, verdict }
  const repaired = await generateOutcome(toRepair(call, verdict.messages), signal)
  return addOutcome({ turn, ...made }, repaired)
}

function callModel(
  { runtime, origin }: PreparedCall,
  { options, promptTokens, reserved }: PreparedTurn,
  signal: AbortSignal,
): Promise<CallMade<Turn>> {
  return runtime.call({
    model: origin.model,
    tokens: reserved,
    signal,
    attempt: async (attempt) => {
      const result = await attempt.model.doGenerate({ ...options, abortSignal: attempt.signal })
      const servedModel = result.response?.modelId
      const turn = readTurn({ ...result, servedModel }, origin, promptTokens)
      attempt.end(turn.usage.inputTokens + turn.usage.outputTokens)
      return turn
    },
  })
}
