import type { LanguageModelV3CallOptions } from '@ai-sdk/provider'

import { sha256 } from '../kernel/hash.ts'

import type { BuiltinAlgorithms } from './algorithms.ts'
import { InvalidTaskInputError, NoMaterialError } from './request-errors.ts'
import { READ_TOOLS, readingOf } from './tasks/material.ts'
import { taskCall, type TaskInput, type TaskName } from './tasks/schema.ts'
import { parseTaskInput, sourceOf, TASKS } from './tasks/tasks.ts'
import { problemsOf } from './tasks/wrong-shape.ts'

/** What the builtin model says: a text, or the wish to read a file first. */
export type BuiltinReply =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tool-call'
      readonly id: string
      readonly name: string
      readonly path: string
    }

/**
 * Does a task with the classical algorithms.
 *
 * @remarks A task on a file first asks for the file, once, with the tool offered for that; the call
 * after the tool's result does the task.
 * @throws {@link NoMaterialError} the file could not be read, or no tool to read it is offered.
 */
export async function runBuiltinTask(
  algorithms: BuiltinAlgorithms,
  task: unknown,
  options: LanguageModelV3CallOptions,
): Promise<BuiltinReply> {
  const parsed = taskCall.safeParse(task)
  if (!parsed.success) throw new InvalidTaskInputError('unknown', problemsOf(parsed.error))
  const { name } = parsed.data
  const input = parseTaskInput(name, parsed.data.input)
  const source = sourceOf(input)
  if (source.text !== undefined || source.path === undefined) {
    return compute(algorithms, { name, input, text: source.text ?? '' })
  }
  const reading = readingOf(options.prompt, source.path)
  if (reading?.kind === 'text') {
    if (reading.text.trim() === '') throw new NoMaterialError(name, `"${source.path}" is empty`)
    return compute(algorithms, { name, input, text: reading.text })
  }
  if (reading !== undefined) {
    throw new NoMaterialError(name, `"${source.path}" could not be read: ${reading.reason}`)
  }
  const tool = options.toolChoice?.type === 'none' ? undefined : offeredReader(options)
  if (tool === undefined) {
    throw new NoMaterialError(name, `no tool is offered that reads "${source.path}"`)
  }
  const id = `read-${sha256(source.path).slice('sha256:'.length, 'sha256:'.length + 12)}`
  return { kind: 'tool-call', id, name: tool, path: source.path }
}

function offeredReader({ tools = [] }: LanguageModelV3CallOptions): string | undefined {
  return READ_TOOLS.find((name) => tools.some((tool) => tool.name === name))
}

async function compute<Name extends TaskName>(
  algorithms: BuiltinAlgorithms,
  { name, input, text }: { name: Name; input: TaskInput<Name>; text: string },
): Promise<BuiltinReply> {
  const result = await TASKS[name].compute(algorithms, input, text)
  return { kind: 'text', text: JSON.stringify(result) }
}
