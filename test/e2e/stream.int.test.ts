import type { ServerResponse } from 'node:http'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { deferred } from '../../src/kernel/deferred.ts'
import { type ChatServer, openStream, says, send, startChatServer } from '../support/chat-server.ts'
import { flow, idOf, openTestCli, type StartedCommand, type TestCli } from '../support/cli.ts'

let answer: (response: ServerResponse) => void
let chat: ChatServer
let cli: TestCli
let server: StartedCommand
let away: readonly string[]
beforeAll(async () => {
  chat = await startChatServer((response) => answer(response))
  cli = await openTestCli({ PRSM_LOG_LEVEL: 'silent' })
  const settings = JSON.stringify({ providers: [chat.provider('local')] })
  const file = await cli.write('prsm.config.yaml', settings)
  server = cli.start(['serve', '--port', '0', '--config', file])
  const url = (await server.until(/listening on (\S+),/))[1] ?? ''
  const key = (await server.until(/^(prsm_\S+)\n/))[1] ?? ''
  away = ['--server', url, '--api-key', key]
})
afterAll(async () => {
  server.terminal.interrupt()
  await server.ended
  await cli.drop()
  await chat.close()
})

const draft = { uses: 'model', with: { model: 'local:m', prompt: 'hello' } }
const begin = async (steps: Parameters<typeof flow>[0]): Promise<string> => {
  const file = await cli.write('flow.json', flow(steps))
  const { value } = await cli.json('run', file, '--detach', ...away)
  return idOf(value)
}

describe('prsm logs --stream', () => {
  test('prints what a step writes while it writes it, through a server and beside one', async () => {
    const opened = deferred<ServerResponse>()
    answer = (response) => opened.resolve(response)
    const run = await begin({ draft })
    const stream = openStream(await opened.promise)
    const far = cli.start(['logs', run, '--stream', '--follow', '--step', 'draft', ...away])
    const near = cli.start(['logs', run, '--stream', '--follow'])
    stream.send({ role: 'assistant', content: 'Once upon ' })
    await far.until(/^Once upon $/)
    await near.until(/^draft\nOnce upon $/)
    expect((await cli.run('show', run, ...away)).out).toMatch(/running/)
    stream.send({ content: 'a time' })
    stream.end()
    expect(await far.ended).toEqual({ code: 0, out: 'Once upon a time\n', err: '' })
    expect((await near.ended).out).toBe('draft\nOnce upon a time\n')
  })

  test('prints what was written, for people and for programs', async () => {
    answer = (response) => send(response, says('done'))
    const run = await begin({
      draft,
      each: { ...draft, needs: 'draft', forEach: ['a', 'b'] },
      offline: { uses: 'model', needs: 'each', with: { model: 'builtin', prompt: 'hello' } },
    })
    const follow = await cli.run('logs', run, '--stream', '-f', '--json', ...away)
    const told = follow.out
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line))
    expect(told.slice(0, 3)).toMatchObject([
      { kind: 'chunk', seq: 1, step: 'draft', attempt: 1, offset: 0, text: 'done' },
      { step: 'each', index: expect.any(Number), text: 'done' },
      { step: 'each', index: expect.any(Number), text: 'done' },
    ])
    const whole = await cli.run('logs', run, '--stream', ...away)
    expect(whole.out).toMatch(
      /^draft\ndone\neach\[[01]\]\ndone\neach\[[01]\]\ndone\noffline\n.+\n$/,
    )
    expect((await cli.run('logs', run, '--step', 'each[1]', ...away)).out).toBe('done\n')
  })

  test('says what is wrong with how it is called, and ends at Ctrl-C', async () => {
    const opened = deferred<ServerResponse>()
    answer = (response) => opened.resolve(response)
    const run = await begin({ draft })
    const response = await opened.promise
    expect(await cli.run('logs', run, '--step', 'a[b]')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no step; write NAME or NAME\[INDEX\]/),
    })
    expect((await cli.run('logs', run, '--step', 'nobody')).err).toMatch(/no step "nobody"/)
    expect((await cli.run('logs', run, '--stream', '--tail', '1')).code).toBe(2)
    expect(await cli.run('logs', run, '--stream')).toEqual({
      code: 0,
      out: '',
      err: 'no text: its steps have shown none, or it is kept no longer\n',
    })
    const watcher = cli.start(['logs', run, '--stream', '-f', ...away])
    const stream = openStream(response)
    stream.send({ role: 'assistant', content: 'never ' })
    await watcher.until(/never /)
    watcher.terminal.interrupt()
    expect(await watcher.ended).toMatchObject({ code: 130, out: 'draft\nnever \n' })
    stream.end()
  })
})
