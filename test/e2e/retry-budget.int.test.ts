import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { calls, type ChatServer, says, send, startChatServer } from '../support/chat-server.ts'
import { flow, idOf, openTestCli, type TestCli } from '../support/cli.ts'

let cli: TestCli
let chat: ChatServer
/** Whether the model comes to an end, instead of asking for more and more. */
let isSensible = false
let settings = ''
beforeAll(async () => {
  chat = await startChatServer((response) =>
    send(response, isSensible ? says('done') : calls(['list_files', {}])),
  )
  cli = await openTestCli()
  const providers: Json = JSON.parse(JSON.stringify([chat.provider('chatty')]))
  settings = await cli.write('prsm.config.yaml', { providers })
})
afterAll(async () => {
  await cli.drop()
  await chat.close()
})

/** A step that uses up the same on each try, and fails while the model is not sensible. */
const agent = (more: JsonObject = {}): JsonObject => ({
  uses: 'agent',
  with: { model: 'chatty:m', goal: 'work', tools: ['list_files'], maxTurns: 1 },
  retry: { max: 1, initial: '1ms', on: ['agents'] },
  ...more,
})
async function runIt(name: string, step: JsonObject, budget: bigint): Promise<JsonObject> {
  const amount = `${(Number(budget) / 1e6).toFixed(6)} FTNS`
  const file = await cli.write(`${name}.json`, flow({ a: step }, { name, budget: amount }))
  return (await cli.json('run', file, '--config', settings)).value
}
const eventsOf = async (run: string, kind: string): Promise<readonly JsonObject[]> => {
  const { out } = await cli.run('logs', run, '--json')
  return out
    .trim()
    .split('\n')
    .flatMap((line): readonly JsonObject[] => {
      const parsed = JSON.parse(line) as JsonObject | readonly JsonObject[]
      return Array.isArray(parsed) ? parsed : [parsed as JsonObject]
    })
    .filter((event) => event['kind'] === kind)
    .map(({ data }) => data as JsonObject)
}

function amountIn(data: JsonObject | undefined, key: string): bigint {
  const amount = data?.[key]
  return typeof amount === 'string' ? BigInt(amount) : 0n
}

/** What one try may cost, and what it does cost, µFTNS. */
let [bound, cost] = [0n, 0n]

describe('a retry', () => {
  test('is made when it fits into what is left of the budget', async () => {
    const run = await runIt('ample', agent(), 1_000_000n)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'agents.turns-exhausted' } })
    const started = await eventsOf(idOf(run), 'step.started')
    const [retrying] = await eventsOf(idOf(run), 'step.retrying')
    ;[bound, cost] = [amountIn(started[0], 'bound'), amountIn(retrying, 'cost')]
    expect(started).toHaveLength(2)
    expect(run['cost']).toBe((2n * cost).toString())
  })

  test('is not made when it may cost more, and the run waits for somebody to decide', async () => {
    const run = await runIt('tight', agent(), bound + cost - 1n)
    const [needed, left] = [bound.toString(), (bound - 1n).toString()]
    expect(run).toMatchObject({ status: 'paused', cost: cost.toString() })
    expect(await eventsOf(idOf(run), 'step.started')).toHaveLength(1)
    expect(await eventsOf(idOf(run), 'step.failed')).toMatchObject([
      {
        failure: 'cost_threshold_exceeded',
        strategy: 'manual_intervention',
        error: {
          code: 'workflow.over-budget',
          details: { needed, left, last: { code: 'agents.turns-exhausted' } },
        },
      },
    ])
    const [incident] = await cli.list('incidents', 'ls')
    expect(incident).toMatchObject({ run: idOf(run), failure: 'cost_threshold_exceeded' })
    const most = `${(Number(bound + cost) / 1e6).toString()} FTNS`
    expect((await cli.run('why', idOf(run))).out).toMatch(
      new RegExp(`is not tried again: that may cost [^]*prsm resume \\w+ --budget "${most}"`),
    )
    isSensible = true
    const args = ['resume', idOf(run), '--budget', '1 FTNS', '--config', settings]
    expect((await cli.json(...args)).value).toMatchObject({ status: 'completed' })
    isSensible = false
    expect(await cli.list('incidents', 'ls')).toEqual([])
  })

  test.each([
    ['full_rollback', 'failed'],
    ['skip_and_continue', 'completed'],
  ] as const)('ends as the strategy for that says: %s', async (strategy, status) => {
    const rollback = { on: { cost_threshold_exceeded: strategy } }
    const run = await runIt(strategy.replaceAll('_', '-'), agent({ rollback }), bound + cost - 1n)
    expect(run).toMatchObject({ status, cost: cost.toString() })
    expect(await eventsOf(idOf(run), 'step.started')).toHaveLength(1)
  })
})

test('what was set aside for all that is free again', async () => {
  expect((await cli.json('wallet')).value).toMatchObject({ held: '0' })
})
