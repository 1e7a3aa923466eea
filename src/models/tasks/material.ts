import type { LanguageModelV3Prompt, LanguageModelV3ToolResultPart } from '@ai-sdk/provider'

/** Tools that return the text of a file for its `path`. */
export const READ_TOOLS: readonly string[] = ['read_file', 'files_read']

/** What a conversation holds of a file. */
export type FileReading =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * What the tools of a conversation returned for `path`; the last reading wins.
 *
 * @remarks A result is a text, or JSON with the text in `text` or `content`.
 */
export function readingOf(prompt: LanguageModelV3Prompt, path: string): FileReading | undefined {
  const calls = new Set<string>()
  let reading: FileReading | undefined
  for (const { role, content } of prompt) {
    if (role === 'assistant') {
      for (const part of content) {
        if (
          part.type === 'tool-call' &&
          READ_TOOLS.includes(part.toolName) &&
          pathOf(part.input) === path
        ) {
          calls.add(part.toolCallId)
        }
      }
    }
    if (role !== 'tool') continue
    for (const part of content) {
      if (part.type === 'tool-result' && calls.has(part.toolCallId)) reading = readResult(part)
    }
  }
  return reading
}

function readResult({ output }: LanguageModelV3ToolResultPart): FileReading {
  switch (output.type) {
    case 'text':
      return { kind: 'text', text: fileText(output.value) }
    case 'json':
      return { kind: 'text', text: fileText(JSON.stringify(output.value)) }
    case 'error-text':
      return { kind: 'failed', reason: output.value.slice(0, 300) }
    case 'error-json':
      return { kind: 'failed', reason: JSON.stringify(output.value).slice(0, 300) }
    case 'execution-denied':
      return { kind: 'failed', reason: output.reason ?? 'the tool call was denied' }
    case 'content':
      return {
        kind: 'text',
        text: output.value.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
      }
    default:
      return { kind: 'failed', reason: 'the tool returned nothing readable' }
  }
}

/** Tools wrap a file's text in JSON, which our prompt writes as text. */
function fileText(value: string): string {
  if (!value.startsWith('{')) return value
  try {
    const parsed: unknown = JSON.parse(value)
    for (const key of ['text', 'content']) {
      const text = memberOf(parsed, key)
      if (typeof text === 'string') return text
    }
  } catch {
    // A file may well begin with a brace: then it is its own text.
  }
  return value
}

function pathOf(input: unknown): unknown {
  return memberOf(input, 'path')
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([name]) => name === key)?.[1]
}
