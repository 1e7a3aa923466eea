import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { providerConfig, type ProviderConfig } from '../providers/schema.ts'

import { createCatalog } from './catalog.ts'
import { KNOWN_PROVIDERS } from './known-models.ts'
import { formatModelReference, parseModelReference } from './model-reference.ts'

const ollama: ProviderConfig = {
  kind: 'openai-compatible',
  name: 'ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
}
const catalogOf = (
  providers: readonly ProviderConfig[] = [],
  secrets: Readonly<Record<string, string>> = {},
  defaultModel?: string,
): ReturnType<typeof createCatalog> =>
  createCatalog({ providers, secrets: (name) => secrets[name], defaultModel })

describe('a model reference', () => {
  test.prop([
    fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).filter((name) => name !== 'builtin'),
    fc.stringMatching(/^[^\s]{1,20}$/),
  ])('is the text of its provider and model', (provider, model) => {
    const reference = { provider, model }
    expect(parseModelReference(formatModelReference(reference))).toEqual(reference)
  })

  test('splits at its first colon, so a model may hold colons', () => {
    expect(parseModelReference('ollama:llama3.2:3b').model).toBe('llama3.2:3b')
  })

  test.each(['', ':', 'openai:', ':gpt', 'openai:gpt 5'])('is not %j', (text) => {
    expect(() => parseModelReference(text)).toThrow(/is not a model reference/)
  })
})

describe('names', () => {
  test('without a provider point to the model meant', () => {
    expect(() => catalogOf().resolve('gpt-5-mni')).toThrow(
      expect.objectContaining({
        code: 'models.invalid-reference',
        hint: 'did you mean "openai:gpt-5-mini"?',
      }),
    )
    expect(() => catalogOf().resolve('anthropic')).toThrow(
      expect.objectContaining({ hint: 'name a model too: "anthropic:<model>"' }),
    )
  })

  test('of no provider name the nearest', () => {
    expect(() => catalogOf().resolve('opnai:gpt-5')).toThrow(/did you mean "openai"/)
    expect(() => catalogOf().getProvider('nobody')).toThrow(
      expect.objectContaining({ code: 'models.unknown-provider' }),
    )
  })

  test('of models are only checked against a configured list', () => {
    const listed = catalogOf([{ ...ollama, models: ['qwen3:8b'] }])
    expect(listed.resolve('ollama:qwen3:8b').model).toBe('qwen3:8b')
    expect(() => listed.resolve('ollama:qwen3:7b')).toThrow(
      expect.objectContaining({ code: 'models.unknown-model' }),
    )
    expect(catalogOf([ollama]).resolve('ollama:anything').model).toBe('anything')
    expect(() => catalogOf().resolve('builtin:big')).toThrow(/has no model "big"/)
  })

  test('may not be given twice, nor taken from PRSM', () => {
    expect(() => catalogOf([ollama, ollama])).toThrow(/two are named "ollama"/)
    expect(providerConfig.safeParse({ ...ollama, name: 'builtin' }).success).toBe(false)
    expect(providerConfig.parse({ kind: 'openai' }).name).toBe('openai')
  })

  test('of servers hold no credentials', () => {
    const baseUrl = 'https://me:secret@host/v1'
    expect(providerConfig.safeParse({ ...ollama, baseUrl }).success).toBe(false)
  })
})

describe('the default model', () => {
  test('is builtin without a key, and one sentence says so', () => {
    const catalog = catalogOf([ollama])
    expect(catalog.resolve()).toEqual({ provider: 'builtin', model: 'builtin' })
    expect(catalog.notice).toMatch(
      /OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY/,
    )
    expect(catalog.notice).not.toMatch(/\n/)
  })

  test('is that of the first provider with a key, configured ones first', () => {
    expect(catalogOf([], { ANTHROPIC_API_KEY: 'k' }).defaultReference).toBe(
      `anthropic:${KNOWN_PROVIDERS.anthropic.defaultModel}`,
    )
    const own = catalogOf([{ ...ollama, defaultModel: 'qwen3' }], { OPENAI_API_KEY: 'k' })
    expect([own.defaultReference, own.notice]).toEqual(['ollama:qwen3', undefined])
    expect(catalogOf([], { GEMINI_API_KEY: 'k' }).defaultReference).toMatch(/^google:/)
  })

  test('may be chosen, must exist, and then needs no notice', () => {
    expect(catalogOf([], {}, 'builtin').notice).toBeUndefined()
    expect(() => catalogOf([], {}, 'nobody:x')).toThrow(/no model provider is named/)
  })
})

describe('a key', () => {
  test('that is not set is named with its remedy', () => {
    expect(() => catalogOf().getProvider('openai')).toThrow(
      expect.objectContaining({
        code: 'models.no-key',
        message: 'no key for model provider openai: OPENAI_API_KEY is not set',
        hint: expect.stringContaining('set OPENAI_API_KEY'),
      }),
    )
    expect(() => catalogOf([], { OPENAI_API_KEY: '' }).getProvider('openai')).toThrow(/no key/)
  })

  test('is optional for a compatible server unless one is named', () => {
    expect(catalogOf([ollama]).getProvider('ollama').key).toBeUndefined()
    const keyed = { ...ollama, keyName: 'OLLAMA_KEY' }
    expect(() => catalogOf([keyed]).getProvider('ollama')).toThrow(/OLLAMA_KEY is not set/)
    expect(catalogOf([keyed], { OLLAMA_KEY: 'k' }).getProvider('ollama').key).toBe('k')
  })

  test('decides which providers are ready', () => {
    const ready = catalogOf([ollama], { OPENAI_API_KEY: 'k' }).providers.filter((p) => p.isReady)
    expect(ready.map(({ name }) => name)).toEqual(['ollama', 'openai', 'builtin'])
  })
})
