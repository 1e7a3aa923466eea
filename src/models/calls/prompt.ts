import type {
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3ToolResultPart,
  SharedV3ProviderOptions,
} from '@ai-sdk/provider'

import type { Json } from '../../kernel/json.ts'
import { assertNever } from '../../kernel/result.ts'
import type { Message } from '../schema.ts'

/** The conversation in the terms of the provider interface. */
export function toPrompt(request: {
  readonly instructions?: string | undefined
  readonly messages: readonly Message[]
}): LanguageModelV3Prompt {
  const { instructions, messages } = request
  const system: LanguageModelV3Prompt =
    instructions === undefined ? [] : [{ role: 'system', content: instructions }]
  return [...system, ...messages.map(toMessage)]
}

type AssistantPart = Extract<Message, { role: 'assistant' }>['content'][number]
type AssistantContent = Extract<LanguageModelV3Message, { role: 'assistant' }>['content']
type ToolPart = Extract<Message, { role: 'tool' }>['content'][number]

function toMessage(message: Message): LanguageModelV3Message {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content.map(({ text }) => ({ type: 'text', text })) }
    case 'assistant':
      return { role: 'assistant', content: message.content.map(toAssistantPart) }
    case 'tool':
      return { role: 'tool', content: message.content.map(toToolResult) }
    default:
      return assertNever(message)
  }
}

function toAssistantPart(part: AssistantPart): AssistantContent[number] {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return { type: 'reasoning', text: part.text, ...toOptions(part.providerData) }
    case 'tool-call':
      return {
        type: 'tool-call',
        toolCallId: part.id,
        toolName: part.name,
        input: part.input,
        ...toOptions(part.providerData),
      }
    default:
      return assertNever(part)
  }
}

function toToolResult({ id, name, output, isError }: ToolPart): LanguageModelV3ToolResultPart {
  const value = textOf(output)
  return {
    type: 'tool-result',
    toolCallId: id,
    toolName: name,
    output: { type: isError === true ? 'error-text' : 'text', value },
  }
}

/** Every provider's wire form of a tool result is text, so an object is sent as its JSON. */
function textOf(output: Json): string {
  return typeof output === 'string' ? output : JSON.stringify(output)
}

/** Metadata of the provider goes back as its options: that is how the interface round-trips it. */
function toOptions(data: Readonly<Record<string, Json>> | undefined): {
  providerOptions?: SharedV3ProviderOptions
} {
  if (data === undefined) return {}
  const providerOptions: SharedV3ProviderOptions = JSON.parse(JSON.stringify(data))
  return { providerOptions }
}
