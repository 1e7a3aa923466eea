import type { JsonObject, Json } from '../../kernel/json.ts'
import type { Awaitable, BuiltinAlgorithms } from '../algorithms.ts'
import type { Message, OutputContract } from '../schema.ts'

import type { QuoteFinder } from './quotes.ts'
import type { TaskInput, TaskName, TaskOutput } from './schema.ts'

/** What a language model is told to do a task. */
export interface TaskPrompt {
  readonly instructions: string
  readonly messages: readonly Message[]
  readonly output: OutputContract
}

/** What the check of an answer has at hand. */
export interface CheckContext<Name extends TaskName> {
  readonly input: TaskInput<Name>
  /** The text that the task worked on. */
  readonly source: QuoteFinder
  /** What is wrong with `value` under a JSON Schema; empty when nothing is. */
  readonly validate: (schema: JsonObject, value: Json) => readonly string[]
}

/** The verdict on an answer. */
export interface TaskCheck<Name extends TaskName> {
  /** The verified result; absent when the answer is worth nothing. */
  readonly output?: TaskOutput<Name>
  /** What stands in for it when a repair does not help either: an honest "not found". */
  readonly fallback?: TaskOutput<Name>
  /** Quotes, terms and references left out because the text does not hold them. */
  readonly dropped: number
  /** What the model should correct; read when `output` is absent. */
  readonly problems: readonly string[]
}

/** One task: how a language model is asked, how its answer is checked, and the classical way. */
export interface TaskDefinition<Name extends TaskName> {
  readonly name: Name
  prompt(input: TaskInput<Name>): TaskPrompt
  /** Checks the raw answer of a language model or of the builtin algorithms. */
  check(raw: Json, context: CheckContext<Name>): TaskCheck<Name>
  /** The raw answer of the classical algorithm; `text` is the text that was found. */
  compute(algorithms: BuiltinAlgorithms, input: TaskInput<Name>, text: string): Awaitable<object>
}
