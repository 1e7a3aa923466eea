import { assertNever } from '../../kernel/result.ts'

import { limitResponses } from './limit-responses.ts'
import type { LoadProvider } from './load-provider.ts'

/**
 * Providers over HTTP through the Vercel AI SDK's adapters.
 *
 * @remarks
 * Each adapter is loaded by the first call to it. Base URL and key are always passed: left out, the
 * adapters would read the environment on their own.
 */
export const loadHttpProvider: LoadProvider = async ({ config, baseUrl, key, fetch }) => {
  const settings = { baseURL: baseUrl, fetch: limitResponses(fetch) }
  const apiKey = key ?? ''
  switch (config.kind) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      const provider = createOpenAI({ ...settings, apiKey })
      return (model) => (config.api === 'chat' ? provider.chat(model) : provider.responses(model))
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      const provider = createAnthropic({ ...settings, apiKey })
      return (model) => provider.languageModel(model)
    }
    case 'google': {
      const { createGoogleGenerativeAI } = await import('@ai-sdk/google')
      const provider = createGoogleGenerativeAI({ ...settings, apiKey })
      return (model) => provider.languageModel(model)
    }
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const provider = createOpenAICompatible({
        ...settings,
        name: config.name,
        includeUsage: true,
        supportsStructuredOutputs: config.hasSchemaOutput ?? true,
        ...(key === undefined ? {} : { apiKey: key }),
      })
      return (model) => provider.chatModel(model)
    }
    default:
      return assertNever(config)
  }
}
