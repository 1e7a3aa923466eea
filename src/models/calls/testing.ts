import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider'

/** What a scripted model answers to one call: content, an error to throw, or a whole result. */
export type ScriptedAnswer =
  | string
  | Error
  | Partial<LanguageModelV3GenerateResult>
  | ((options: LanguageModelV3CallOptions) => Promise<Partial<LanguageModelV3GenerateResult>>)

/** A model that answers from a script and keeps what it was asked. */
export interface ScriptedModel extends LanguageModelV3 {
  readonly calls: readonly LanguageModelV3CallOptions[]
}

/** Builds a model that gives `answers` in order; asked more often, it throws. */
export function createScriptedModel(...answers: readonly ScriptedAnswer[]): ScriptedModel {
  const calls: LanguageModelV3CallOptions[] = []
  const doGenerate = async (
    options: LanguageModelV3CallOptions,
  ): Promise<LanguageModelV3GenerateResult> => {
    const answer = answers[calls.length]
    calls.push(options)
    if (answer === undefined) throw new Error(`nothing is scripted for call ${calls.length}`)
    if (answer instanceof Error) throw answer
    if (typeof answer === 'string') return scriptedResult({ content: [textPart(answer)] })
    return scriptedResult(typeof answer === 'function' ? await answer(options) : answer)
  }
  return {
    specificationVersion: 'v3',
    provider: 'scripted',
    modelId: 'scripted',
    supportedUrls: {},
    calls,
    doGenerate,
    doStream: async (options) => ({ stream: streamOf(partsOf(await doGenerate(options))) }),
  }
}

/** A result with the usual rest. */
export function scriptedResult(
  part: Partial<LanguageModelV3GenerateResult>,
): LanguageModelV3GenerateResult {
  return {
    content: [],
    finishReason: finish('stop'),
    usage: reported(10, 5),
    warnings: [],
    ...part,
  }
}

/** A finish reason as adapters give it. */
export function finish(
  unified: LanguageModelV3FinishReason['unified'],
): LanguageModelV3FinishReason {
  return { unified, raw: unified }
}

/** A usage as adapters give it. */
export function reported(
  input: number | undefined,
  output: number | undefined,
): LanguageModelV3Usage {
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: output, reasoning: undefined },
  }
}

/** A text part of an answer. */
export function textPart(text: string): LanguageModelV3Content {
  return { type: 'text', text }
}

/** A stream of the given parts. */
export function streamOf(
  parts: readonly LanguageModelV3StreamPart[],
): ReadableStream<LanguageModelV3StreamPart> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
}

function partsOf(result: LanguageModelV3GenerateResult): LanguageModelV3StreamPart[] {
  const { content, warnings, usage, finishReason } = result
  return [
    { type: 'stream-start', warnings },
    ...content.flatMap((part, index): LanguageModelV3StreamPart[] => {
      const id = `${index}`
      if (part.type === 'text') return [{ type: 'text-delta', id, delta: part.text }]
      if (part.type === 'reasoning') {
        return [
          { type: 'reasoning-start', id },
          { type: 'reasoning-delta', id, delta: part.text },
        ]
      }
      return part.type === 'tool-call' ? [part] : []
    }),
    { type: 'finish', usage, finishReason },
  ]
}
