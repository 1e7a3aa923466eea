import type { Models, ModelsDeps } from '../models.ts'
import { createTestModels } from '../testing.ts'

import type { ProviderConfig, ProviderRetries } from './schema.ts'

/** The key that loopback providers are called with. */
export const LOOPBACK_KEY = 'sk-test-0123456789abcdef'

const PATHS = { openai: '/v1', anthropic: '/v1', google: '/v1beta', local: '/v1' } as const

/** A models service with the real adapters and policies, whose providers are all at `url`. */
export function createLoopbackModels(
  url: string,
  { clock, createGuards }: Pick<ModelsDeps, 'clock' | 'createGuards'>,
  retries: ProviderRetries = {},
  deps: Partial<ModelsDeps> = {},
): Models {
  const at = (name: keyof typeof PATHS): { baseUrl: string; retries: ProviderRetries } => ({
    baseUrl: `${url}${PATHS[name]}`,
    retries: { initialDelayMs: 1, maxDelayMs: 5, ...retries },
  })
  const providers: ProviderConfig[] = [
    { kind: 'openai', name: 'openai', ...at('openai') },
    { kind: 'anthropic', name: 'anthropic', ...at('anthropic') },
    { kind: 'google', name: 'google', ...at('google') },
    { kind: 'openai-compatible', name: 'local', keyName: 'LOCAL_KEY', ...at('local') },
  ]
  return createTestModels([], {
    ...REAL,
    providers,
    secrets: () => LOOPBACK_KEY,
    clock,
    createGuards,
    fetch,
    ...deps,
  })
}

/** Absent, so that the service loads its own. */
const REAL: Partial<ModelsDeps> = { loadProvider: undefined } as never
