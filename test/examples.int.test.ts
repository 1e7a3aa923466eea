import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { main } from '../docs/examples/embed.ts'
import { dice } from '../docs/examples/kind.ts'
import type { JsonObject } from '../src/kernel/json.ts'
import { loadDefinition, type RunRecord } from '../src/workflow/index.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

const FOLDER = resolve(import.meta.dirname, '../docs/examples')

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform({ role: { worker: 'all', isOwn: true, kinds: [dice] } })
})
afterAll(() => platform.drop())

async function start(name: string, inputs: JsonObject = {}): Promise<string> {
  const loaded = await loadDefinition(join(FOLDER, name))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.refusal))
  const definition = loaded.value.value
  return (await platform.workflows.submit({ tenant: 'default', definition, inputs })).id
}

async function run(
  name: string,
  inputs: JsonObject = {},
): Promise<RunRecord & { output: unknown }> {
  return ended(await start(name, inputs))
}

/** A run leaves its worker's memory when it waits, so that its end is asked for. */
async function ended(id: string): Promise<RunRecord & { output: unknown }> {
  const { workflows } = platform
  await expect.poll(async () => (await workflows.getRun('default', id)).endedAt).toBeDefined()
  const last = (await workflows.listEvents('default', id)).at(-1)?.event
  const output = last?.kind === 'run.completed' ? last.data.output : undefined
  return { ...(await workflows.getRun('default', id)), output }
}

async function until(id: string, status: RunRecord['status']): Promise<void> {
  await expect
    .poll(async () => (await platform.workflows.getRun('default', id)).status)
    .toBe(status)
}

const read = (id: string, path: string): Promise<string> =>
  readFile(join(platform.folderOf(id), path), 'utf8')

describe('the examples of the guide do what it says', () => {
  test('hello', async () => {
    expect(await run('hello.yaml')).toMatchObject({ status: 'completed', output: 'HELLO, WORLD!' })
  })

  test('summaries: one agent for each document', async () => {
    const { id, status, output, cost } = await run('summaries.yaml')
    expect(status).toBe('completed')
    expect(output).toEqual({ file: 'summaries.md', documents: 8 })
    expect(cost).toBeGreaterThan(0n)
    expect((await read(id, 'summaries.md')).match(/^## /gm)).toHaveLength(8)
  })

  test('words: a function of a module', async () => {
    const { output } = await run('words.yaml', { text: 'No, no, yes.' })
    expect(output).toEqual([
      { word: 'no', times: 2 },
      { word: 'yes', times: 1 },
    ])
  })

  test('publish: a person, a pause and a signal', async () => {
    const id = await start('publish.yaml', { text: 'news' })
    const send = (signal: string, payload: JsonObject): Promise<void> =>
      platform.workflows.signal({ tenant: 'default', run: id, signal, payload, by: 'key_1' })
    await until(id, 'waiting')
    await send('approval', { approved: true, by: 'ada' })
    await send('slot', { page: 7 })
    expect(await ended(id)).toMatchObject({
      status: 'completed',
      output: { by: 'ada', file: 'published.txt' },
    })
    expect(await read(id, 'published.txt')).toBe('news (7)')
  })

  test('publish: what is urgent asks nobody', async () => {
    const id = await start('publish.yaml', { text: 'news', urgent: true })
    await platform.workflows.signal({
      tenant: 'default',
      run: id,
      signal: 'slot',
      payload: { page: 1 },
      by: 'key_1',
    })
    expect(await ended(id)).toMatchObject({ output: { by: null } })
  })

  test('order: a try that fails is repeated', async () => {
    const { id, output } = await run('order.yaml', { item: 'lamp' })
    expect(output).toEqual({ item: 'lamp', shipped: true })
    expect(await read(id, 'shop.log')).toBe(
      'reserve lamp\ncharge lamp, try 1\ncharge lamp, try 2\nship lamp\n',
    )
  })

  test('order: what was done is undone, the last first', async () => {
    const { id, status, error } = await run('order.yaml', { item: 'piano' })
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'code.threw' })
    expect((await read(id, 'shop.log')).split('\n').slice(-3)).toEqual([
      'refund piano',
      'release piano',
      '',
    ])
  })

  test('poll: again until it holds', async () => {
    expect(await run('poll.yaml')).toMatchObject({
      output: { 'first-power-of-two-above-100': 128 },
    })
  })

  test('careful: goes on without what cannot be had', async () => {
    const { status, output } = await run('careful.yaml')
    expect({ status, output }).toEqual({
      status: 'completed',
      output: expect.stringMatching(/^no news: http\./),
    })
  })

  test('greetings: a run for each item', async () => {
    const { output } = await run('greetings.yaml')
    expect(output).toEqual(['HELLO, ADA!', 'HELLO, GRACE!'])
  })

  test('weather is a good definition', async () => {
    const loaded = await loadDefinition(join(FOLDER, 'weather.yaml'))
    expect(loaded.ok && platform.workflows.checkSource(loaded.value)).toMatchObject({ ok: true })
  })

  test('embed: a workflow of functions', async () => {
    expect(await main({ databaseUrl: platform.url, claims: false })).toEqual({ shout: 'HELLO ADA' })
  })

  test('kind: a kind of step of your own', async () => {
    const definition = {
      apiVersion: 'prsm/v1',
      name: 'throw',
      steps: { throw: { uses: 'dice', with: { count: 3 } } },
    }
    const { id } = await platform.workflows.submit({ tenant: 'default', definition, inputs: {} })
    expect(await ended(id)).toMatchObject({
      status: 'completed',
      output: { throw: [expect.any(Number), expect.any(Number), expect.any(Number)] },
    })
  })
})
