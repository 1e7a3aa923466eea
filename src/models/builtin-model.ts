import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
  SharedV3Warning,
} from '@ai-sdk/provider'

import type { BuiltinAlgorithms } from './algorithms.ts'
import { answerPlainly, extractPlainly } from './builtin-prompt.ts'
import { type BuiltinReply, runBuiltinTask } from './builtin-task.ts'
import { BUILTIN } from './catalog/model-reference.ts'
import { estimateTokens } from './tokens/tokens.ts'

/** Characters of a streamed part, about a line. */
const PART = 80

/**
 * The offline model: classical algorithms behind the language-model interface.
 *
 * @remarks
 * With `providerOptions.prsm.task` it does that task and answers with its JSON. With a response
 * schema it extracts the schema's fields from the material in the messages. Otherwise it answers
 * the last user message by quoting the material before it, or says that it writes no prose.
 * Equal calls give equal answers. It never fails for load and is never retried.
 */
export function createBuiltinModel(algorithms: BuiltinAlgorithms): LanguageModelV3 {
  const doGenerate = async (
    options: LanguageModelV3CallOptions,
  ): Promise<LanguageModelV3GenerateResult> => {
    options.abortSignal?.throwIfAborted()
    return toResult(await reply(algorithms, options), options)
  }
  return {
    specificationVersion: 'v3',
    provider: BUILTIN,
    modelId: BUILTIN,
    supportedUrls: {},
    doGenerate,
    doStream: async (options) => ({ stream: toStream(await doGenerate(options)) }),
  }
}

async function reply(
  algorithms: BuiltinAlgorithms,
  options: LanguageModelV3CallOptions,
): Promise<BuiltinReply> {
  const task = options.providerOptions?.['prsm']?.['task']
  if (task !== undefined) return runBuiltinTask(algorithms, task, options)
  const { responseFormat, prompt } = options
  if (responseFormat?.type === 'json' && responseFormat.schema !== undefined) {
    return { kind: 'text', text: await extractPlainly(algorithms, responseFormat.schema, prompt) }
  }
  return { kind: 'text', text: await answerPlainly(algorithms, prompt) }
}

function toResult(
  said: BuiltinReply,
  options: LanguageModelV3CallOptions,
): LanguageModelV3GenerateResult {
  const content: LanguageModelV3Content[] =
    said.kind === 'text'
      ? [{ type: 'text', text: said.text }]
      : [
          {
            type: 'tool-call',
            toolCallId: said.id,
            toolName: said.name,
            input: JSON.stringify({ path: said.path }),
          },
        ]
  const unified = said.kind === 'text' ? 'stop' : 'tool-calls'
  return {
    content,
    finishReason: { unified, raw: unified },
    usage: toUsage(JSON.stringify(options.prompt), JSON.stringify(content)),
    warnings: toWarnings(options),
  }
}

function toUsage(input: string, output: string): LanguageModelV3Usage {
  const [inputTokens, outputTokens] = [estimateTokens(input), estimateTokens(output)]
  return {
    inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
    raw: { isEstimated: true },
  }
}

/** It is deterministic and quotes: sampling settings have nothing to act on. */
function toWarnings(options: LanguageModelV3CallOptions): SharedV3Warning[] {
  const { temperature, stopSequences, toolChoice } = options
  const isForced = toolChoice?.type === 'required' || toolChoice?.type === 'tool'
  const unused = [
    temperature === undefined || temperature === 0 ? [] : ['temperature'],
    stopSequences === undefined ? [] : ['stop'],
    isForced ? ['toolChoice'] : [],
  ].flat()
  return unused.map((feature) => ({ type: 'unsupported', feature }))
}

function toStream(
  result: LanguageModelV3GenerateResult,
): ReadableStream<LanguageModelV3StreamPart> {
  const parts = [
    { type: 'stream-start' as const, warnings: result.warnings },
    ...result.content.flatMap((part) =>
      part.type === 'text' ? textParts(part.text) : toolParts(part),
    ),
    { type: 'finish' as const, usage: result.usage, finishReason: result.finishReason },
  ]
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
}

function textParts(text: string): LanguageModelV3StreamPart[] {
  const deltas = text.match(new RegExp(`[^]{1,${PART}}(?![\\uDC00-\\uDFFF])|[^]`, 'g')) ?? []
  return [
    { type: 'text-start', id: '0' },
    ...deltas.map((delta) => ({ type: 'text-delta' as const, id: '0', delta })),
    { type: 'text-end', id: '0' },
  ]
}

function toolParts(part: LanguageModelV3Content): LanguageModelV3StreamPart[] {
  return part.type === 'tool-call' ? [part] : []
}
