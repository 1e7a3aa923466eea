import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { type ChatServer, says, send, startChatServer } from '../support/chat-server.ts'
import { flow, idOf, openTestCli, type StartedCommand, type TestCli } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'

const OPEN_MS = 500
let cli: TestCli
let gate: Gate
let chat: ChatServer
let isChatWell = false
let server: StartedCommand
let away: readonly string[] = []
beforeAll(async () => {
  gate = await startGate()
  chat = await startChatServer((response) => {
    if (isChatWell) send(response, says('fine'))
    else response.writeHead(503).end()
  })
  cli = await openTestCli({
    PRSM_HTTP_ALLOW_PRIVATE: gate.host,
    PRSM_LOG_LEVEL: 'silent',
    PRSM_LEASE_MS: '1000',
    PRSM_BREAKER_LEAST_CALLS: '2',
    PRSM_BREAKER_FAULT_SHARE: '0.6',
    PRSM_BREAKER_OPEN_MS: String(OPEN_MS),
  })
  const retries = { maxRetries: 0, breaker: { openMs: 3_600_000 } }
  const providers: Json = JSON.parse(JSON.stringify([chat.provider('sick', { retries })]))
  const settings = await cli.write('prsm.config.yaml', { providers })
  server = cli.start(['serve', '--port', '0', '--config', settings])
  const url = (await server.until(/listening on (\S+),/))[1] ?? ''
  away = ['--server', url, '--api-key', (await server.until(/^(prsm_\S+)\n/))[1] ?? '']
})
afterAll(async () => {
  server.terminal.interrupt()
  await server.ended
  await cli.drop()
  await Promise.all([gate.close(), chat.close()])
})

const ask = (path: string, more: JsonObject = {}): JsonObject => ({
  uses: 'http',
  with: { url: gate.url(path) },
  ...more,
})
async function runIt(name: string, steps: Readonly<Record<string, Json>>): Promise<JsonObject> {
  const file = await cli.write(`${name}.json`, flow(steps, { name, failFast: false }))
  return (await cli.json('run', file, ...away)).value
}
/** The circuit of a dependency, once it is shown in a state. */
async function shown(dependency: string, state: string): Promise<JsonObject> {
  const find = async (): Promise<JsonObject | undefined> =>
    (await cli.list('breakers', ...away)).find((each) => each['dependency'] === dependency)
  await expect.poll(async () => (await find())?.['state']).toBe(state)
  return (await find()) ?? {}
}
const eventsOf = async (run: string, kind: string): Promise<readonly JsonObject[]> => {
  const { out } = await cli.run('logs', run, '--json', ...away)
  const lines = out.trim().split('\n')
  return lines.flatMap((line): readonly JsonObject[] => {
    const parsed = JSON.parse(line) as JsonObject | readonly JsonObject[]
    return (Array.isArray(parsed) ? parsed : [parsed as JsonObject]).filter(
      (e) => e['kind'] === kind,
    )
  })
}
const failureOf = async (run: JsonObject): Promise<Json | undefined> =>
  (await cli.json('show', idOf(run), ...away)).value['failure']
const makeIll = (name: string): Promise<JsonObject> =>
  runIt(name, {
    a: ask(`/ill/${name}/a`, { rollback: 'skip_and_continue' }),
    b: ask(`/ill/${name}/b`, { needs: 'a', rollback: 'skip_and_continue' }),
  })

describe('the circuit of a host', () => {
  const host = (): string => `http:${gate.host}`

  test('is closed while it is well, whatever is the caller’s own fault', async () => {
    expect((await cli.run('breakers', ...away)).err).toMatch(/^no worker .* has called anything/)
    expect((await cli.run('doctor', ...away)).out).toContain('none is called by a worker now')
    await runIt('well', {
      a: ask('/well'),
      b: ask('/fail/b'),
      c: ask('/fail/c'),
      d: ask('/fail/d'),
    })
    expect(await shown(host(), 'closed')).toMatchObject({ tenant: 'default', faults: 0, opened: 0 })
    expect((await cli.run('doctor', ...away)).out).toContain('1 called lately, none of them ill')
  })

  test('opens, and what it refuses fails at once as a dependency that fails', async () => {
    const run = await runIt('ill', {
      a: ask('/ill/a', { rollback: 'skip_and_continue' }),
      b: ask('/ill/b', { needs: 'a', rollback: 'skip_and_continue' }),
      c: ask('/ill/c', { needs: 'b' }),
    })
    expect(gate.asked).not.toContain('/ill/c')
    expect(await failureOf(run)).toBe('dependency_failure')
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        code: 'http.circuit-open',
        details: { dependency: host(), lastFault: 'http.status', openSince: expect.any(Number) },
      },
    })
    const record = await shown(host(), 'open')
    expect(record).toMatchObject({ opened: 1, lastFault: { code: 'http.status' } })
    expect(Number(record['retryAt']) - Number(record['since'])).toBe(OPEN_MS)
    const { out } = await cli.run('breakers', ...away)
    expect(out).toMatch(/^CALLED +WHOSE +CIRCUIT +SINCE +FAILED +LAST FAULT +TRIED AGAIN +WORKER\n/)
    expect(out).toMatch(/http:127\S+ +default +open .* 2 of 3 +http.status +/)
    expect((await cli.run('doctor', ...away)).out).toMatch(
      /dependencies +too many calls have failed.*http:127[^]*prsm breakers shows/,
    )
  })

  test('is half open while it is tried, and closes when that goes well', async () => {
    await new Promise((resolve) => void setTimeout(resolve, OPEN_MS))
    const file = await cli.write('trial.json', flow({ a: ask('/hold/trial') }, { name: 'trial' }))
    const { value } = await cli.json('run', file, '--detach', ...away)
    expect(await shown(host(), 'half_open')).not.toHaveProperty('retryAt')
    expect((await cli.run('breakers', ...away)).out).toMatch(/ half open /)
    gate.open()
    await shown(host(), 'closed')
    await expect
      .poll(async () => (await cli.json('show', idOf(value), ...away)).value['status'])
      .toBe('completed')
  })

  test('is waited for by a step that is tried again, which loses no try', async () => {
    const run = await runIt('waits', {
      a: ask('/ill/waits/a', { rollback: 'skip_and_continue' }),
      b: ask('/ill/waits/b', { needs: 'a', rollback: 'skip_and_continue' }),
      c: ask('/waits/c', { needs: 'b', retry: { max: 1, initial: '1ms' } }),
    })
    expect(run).toMatchObject({ status: 'completed' })
    expect(gate.asked.filter((path) => path === '/waits/c')).toHaveLength(1)
    const [waited = {}] = await eventsOf(idOf(run), 'step.retrying')
    expect(waited).toMatchObject({ data: { error: { code: 'http.circuit-open' } } })
    const { error, dueAt } = waited['data'] as { error: { details: JsonObject }; dueAt: number }
    expect(dueAt).toBeGreaterThanOrEqual(Number(error.details['retryAt']))
    await shown(host(), 'closed')
  })

  test('is closed by hand, and is neither seen nor closed by another tenant', async () => {
    await makeIll('again')
    await shown(host(), 'open')
    const { code, err } = await cli.run('breakers', 'reset', 'http:nowhere.example', ...away)
    expect([code, err]).toEqual([1, expect.stringContaining('no worker has called')])
    const made = cli.start(['keys', 'create', 'stranger', '--scope', 'admin'], {
      env: { PRSM_TENANT: 'stranger' },
    })
    const key = (await made.until(/^(prsm_\S+)\n/))[1] ?? ''
    await made.ended
    const stranger = [...away.slice(0, 2), '--api-key', key]
    expect(await cli.list('breakers', ...stranger)).toEqual([])
    expect(await cli.run('breakers', 'reset', host(), ...stranger)).toMatchObject({ code: 1 })
    await shown(host(), 'open')
    const reset = await cli.run('breakers', 'reset', host(), ...away)
    expect(reset.out).toBe(`${host()} is called again by 1 worker\n`)
    expect(await shown(host(), 'closed')).toMatchObject({ calls: 0, faults: 0 })
  })
})

describe('the circuit of a model', () => {
  const name = 'model:sick:m'
  const model = { uses: 'model', with: { model: 'sick:m', prompt: 'hello' } }

  test('opens for everybody, and is closed by whoever runs the platform', async () => {
    const steps = {
      a: { ...model, rollback: 'skip_and_continue' },
      b: { ...model, needs: 'a', rollback: 'skip_and_continue' },
      c: { ...model, needs: 'b' },
    }
    const run = await runIt('model', steps)
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'models.circuit-open', details: { dependency: name } },
    })
    expect(await failureOf(run)).toBe('dependency_failure')
    expect(chat.requests).toHaveLength(2)
    expect(await shown(name, 'open')).not.toHaveProperty('tenant')
    expect(await cli.run('breakers', 'reset', name, ...away)).toMatchObject({
      err: expect.stringContaining('reset the circuit of a model'),
    })
    isChatWell = true
    expect((await cli.list('breakers', 'reset', name)).map(({ state }) => state)).toEqual(['open'])
    await shown(name, 'closed')
    expect(await runIt('model-well', { a: model })).toMatchObject({ status: 'completed' })
  })
})
