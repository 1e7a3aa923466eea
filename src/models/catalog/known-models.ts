import type { ProviderKind } from '../providers/schema.ts'

/** What PRSM knows of a kind of provider without asking it. */
export interface KnownProvider {
  /** Secrets that may hold the key, the first found wins; none: a key is optional. */
  readonly keyNames: readonly string[]
  readonly baseUrl: string | undefined
  /** Used when this provider has a key and nobody names a model. */
  readonly defaultModel: string | undefined
  /** For suggestions after a typing error, never for refusal: providers add models weekly. */
  readonly models: readonly string[]
}

/**
 * The providers that exist without configuration, and the OpenAI-compatible kind.
 *
 * @remarks Source: base URLs and model names are those in the type declarations of
 * `@ai-sdk/openai` 3.0.141, `@ai-sdk/anthropic` 3.0.140 and `@ai-sdk/google` 3.0.141.
 */
export const KNOWN_PROVIDERS: Readonly<Record<ProviderKind, KnownProvider>> = {
  openai: {
    keyNames: ['OPENAI_API_KEY'],
    baseUrl: 'https://api.openai.com/v1',
    defaultModel: 'gpt-5-mini',
    models: [
      'gpt-4.1',
      'gpt-4.1-mini',
      'gpt-4.1-nano',
      'gpt-4o',
      'gpt-4o-mini',
      'gpt-5',
      'gpt-5-mini',
      'gpt-5-nano',
      'gpt-5-pro',
      'gpt-5.1',
      'gpt-5.2',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.5',
      'gpt-5.6',
      'o3',
      'o3-mini',
      'o4-mini',
    ],
  },
  anthropic: {
    keyNames: ['ANTHROPIC_API_KEY'],
    baseUrl: 'https://api.anthropic.com/v1',
    defaultModel: 'claude-haiku-4-5',
    models: [
      'claude-haiku-4-5',
      'claude-haiku-5-5',
      'claude-opus-4-5',
      'claude-opus-4-6',
      'claude-opus-4-8',
      'claude-opus-5',
      'claude-opus-5-5',
      'claude-sonnet-4-5',
      'claude-sonnet-4-6',
      'claude-sonnet-5',
      'claude-sonnet-5-5',
    ],
  },
  google: {
    keyNames: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY'],
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    defaultModel: 'gemini-flash-latest',
    models: [
      'gemini-2.5-flash',
      'gemini-2.5-flash-lite',
      'gemini-2.5-pro',
      'gemini-3-flash-preview',
      'gemini-3-pro-preview',
      'gemini-3.5-flash',
      'gemini-3.8-flash',
      'gemini-flash-latest',
      'gemini-flash-lite-latest',
      'gemini-pro-latest',
    ],
  },
  'openai-compatible': { keyNames: [], baseUrl: undefined, defaultModel: undefined, models: [] },
}
