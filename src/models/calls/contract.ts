import type { LanguageModelV3Prompt } from '@ai-sdk/provider'

import type { Json } from '../../kernel/json.ts'
import { present } from '../../kernel/present.ts'
import { InvalidOutputError } from '../errors.ts'
import type { GenerateRequest, Message } from '../schema.ts'
import { checkTask } from '../tasks/check-task.ts'
import { userMessage } from '../tasks/prompt-parts.ts'

import type { Origin, Turn } from './generation.ts'
import type { SchemaChecker } from './json-schema.ts'
import { parseAnswer } from './parse-json.ts'

/** What is to be done with a turn of the model. */
export type Verdict =
  | { readonly kind: 'done'; readonly output?: Json; readonly dropped?: number }
  | { readonly kind: 'repair'; readonly messages: readonly Message[]; readonly reason: string }

/** What a turn is judged by. */
export interface ContractTerms {
  readonly request: GenerateRequest
  readonly prompt: LanguageModelV3Prompt
  readonly checker: SchemaChecker | undefined
  readonly origin: Origin
}

/**
 * Judges a turn against the request's output contract.
 *
 * @remarks A turn that calls tools has not answered yet, so it is never judged. One broken answer
 * is worth one repair turn, which shows the model what is wrong; a second one is a fault.
 *
 * @param mayRepair - false on the repair turn itself, and for models that cannot do better
 * @throws {@link InvalidOutputError} the answer breaks the contract and may not be repaired.
 */
export function judgeTurn(turn: Turn, terms: ContractTerms, mayRepair: boolean): Verdict {
  if (terms.request.output === undefined || turn.toolCalls.length > 0) return { kind: 'done' }
  const judged = judge(turn.text, terms)
  if (judged.output !== undefined) return done(judged.output, judged.dropped)
  if (mayRepair && turn.finishReason !== 'length') {
    return {
      kind: 'repair',
      messages: repairMessages(turn, judged.problems),
      reason: judged.problems[0] ?? '',
    }
  }
  if (judged.fallback !== undefined) return done(judged.fallback, judged.dropped)
  const hint =
    turn.finishReason === 'length'
      ? 'the answer was cut off: raise maxOutputTokens'
      : 'use a more capable model, or a simpler schema'
  throw new InvalidOutputError(turn.text, judged.problems, { ...terms.origin, hint })
}

interface Judged {
  readonly output?: Json
  readonly fallback?: Json
  readonly dropped?: number
  readonly problems: readonly string[]
}

function judge(text: string, { request, prompt, checker }: ContractTerms): Judged {
  const value = parseAnswer(text)
  if (value === undefined) {
    return { problems: [text.trim() === '' ? 'the answer is empty' : 'the answer is not JSON'] }
  }
  if (request.task !== undefined) return checkTask(value, { task: request.task, prompt, checker })
  const { schema } = present(request.output, 'output contract')
  const problems = present(checker, 'schema checker').problems(schema, value)
  return problems.length === 0 ? { output: value, problems } : { problems }
}

function done(output: Json, dropped: number | undefined): Verdict {
  return { kind: 'done', output, ...(dropped === undefined ? {} : { dropped }) }
}

function repairMessages(turn: Turn, problems: readonly string[]): readonly Message[] {
  const list = problems.map((problem) => `- ${problem}`).join('\n')
  const request = userMessage(
    `Your answer cannot be used:\n${list}\nAnswer again, with the corrected JSON and nothing else.`,
  )
  const said = turn.text.trim() === '' ? [] : [turn.message]
  return [...said, request]
}
