import type { GenerateRequest } from '../schema.ts'

import type { TaskPrompt } from './definition.ts'
import type { TaskInput, TaskName } from './schema.ts'
import { parseTaskInput, TASKS } from './tasks.ts'

/**
 * The request with its task written out as a prompt, so that any language model can do it.
 *
 * @remarks The request's own messages follow: an agent's tool calls and their results.
 * @throws {@link InvalidTaskInputError} the input does not fit the task.
 */
export function expandTask(request: GenerateRequest): GenerateRequest {
  if (request.task === undefined) return request
  const { name } = request.task
  const input = parseTaskInput(name, request.task.input)
  const prompt = promptOf(name, input)
  const own = request.instructions
  return {
    ...request,
    instructions: own === undefined ? prompt.instructions : `${prompt.instructions}\n\n${own}`,
    messages: [...prompt.messages, ...request.messages],
    output: prompt.output,
  }
}

function promptOf<Name extends TaskName>(name: Name, input: TaskInput<Name>): TaskPrompt {
  return TASKS[name].prompt(input)
}
