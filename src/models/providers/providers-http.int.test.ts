import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { realGuards } from '../../../test/support/guards.ts'
import { toErrorRecord } from '../../kernel/errors.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Models } from '../models.ts'
import {
  FIXTURE_MODELS,
  FIXTURE_PROVIDERS,
  fixtureRequest,
  readFixtures,
  type RecordingServer,
  startRecordingServer,
} from '../recordings/testing.ts'
import type { StreamPart } from '../schema.ts'
import { faultOf } from '../testing.ts'

import { createLoopbackModels, LOOPBACK_KEY } from './testing.ts'

const modelsAt = (url: string): Models =>
  createLoopbackModels(url, { clock: systemClock, createGuards: realGuards() })

describe.each(FIXTURE_PROVIDERS)('%s over real HTTP', (provider) => {
  const model = FIXTURE_MODELS[provider]
  let server: RecordingServer
  beforeAll(async () => void (server = await startRecordingServer(readFixtures().values())))
  afterAll(() => server[Symbol.asyncDispose]())

  test('answers, and sends its key in a header alone', async () => {
    const { text } = await modelsAt(server.url).generate(fixtureRequest(model, 'chat'))
    expect(text).toBe('Hello there.')
    const seen = server.seen.at(-1)
    expect(seen?.path).not.toContain(LOOPBACK_KEY)
    expect(JSON.stringify(seen?.headers)).toContain(LOOPBACK_KEY)
    expect(seen?.headers['idempotency-key']).toMatch(/^prsm-/)
  })

  test('streams', async () => {
    const parts: StreamPart[] = []
    for await (const part of modelsAt(server.url).stream(fixtureRequest(model, 'stream')))
      parts.push(part)
    const last = parts.at(-1)
    expect(last?.kind === 'finish' && last.generation.text).toBe('Hello there.')
    expect(parts.filter(({ kind }) => kind === 'text')).toHaveLength(2)
  })

  test('calls a tool and gives structured output', async () => {
    const models = modelsAt(server.url)
    const [tool, structured] = await Promise.all([
      models.generate(fixtureRequest(model, 'tool')),
      models.generate(fixtureRequest(model, 'structured')),
    ])
    expect(tool.toolCalls).toMatchObject([{ name: 'weather', input: { city: 'Bern' } }])
    expect(structured.output).toEqual({ city: 'Bern', people: 134_794 })
  })

  test('waits for a 429 as long as it asks', async () => {
    const startMs = systemClock.now()
    const { attempts } = await modelsAt(server.url).generate(fixtureRequest(model, 'rate-limited'))
    expect(attempts).toBe(2)
    expect(systemClock.now() - startMs).toBeGreaterThanOrEqual(provider === 'openai' ? 900 : 1_000)
  })

  test.each([
    ['failing', 'models.provider-failed'],
    ['garbage', 'models.garbage'],
    ['filtered', 'models.refused'],
  ] as const)('reports %s as %s, without its key', async (scenario, code) => {
    const fault = await faultOf(modelsAt(server.url).generate(fixtureRequest(model, scenario)))
    expect(fault).toMatchObject({ code })
    expect(JSON.stringify(toErrorRecord(fault))).not.toContain(LOOPBACK_KEY)
  })

  test('reports a stream that breaks', async () => {
    const read = async (): Promise<void> => {
      for await (const part of modelsAt(server.url).stream(fixtureRequest(model, 'truncated'))) {
        expect(part).toMatchObject({ kind: 'text', delta: 'Hel' })
      }
    }
    const code = provider === 'local' ? 'models.provider-failed' : 'models.garbage'
    expect(await faultOf(read())).toMatchObject({ code })
  })
})
