import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { flow, openTestCli, type TestCli } from '../support/cli.ts'

/** Answers of a Restate server, by path. */
const answers = new Map<string, Json>()
let server: Server
let cli: TestCli
let url: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '')
    response.writeHead(answer === undefined ? 500 : 200).end(JSON.stringify(answer ?? 'no'))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  cli = await openTestCli({
    PRSM_WORKFLOW_HOST: 'restate',
    PRSM_RESTATE_URL: url,
    PRSM_RESTATE_ADMIN_URL: url,
    PRSM_RESTATE_PORT: '0',
  })
})
afterAll(async () => {
  await cli.drop()
  await new Promise((resolve) => void server.close(resolve))
})

const finding = async (): Promise<Json | undefined> => {
  const { value } = await cli.json('doctor')
  const findings = value['findings'] as JsonObject[]
  return findings.find(({ check }) => check === 'restate')
}

test('the doctor tells where Restate reaches workers, and what to do when it knows of none', async () => {
  answers.set('/restate/health', null)
  answers.set('/version', { version: '1.7.12' })
  answers.set('/deployments', { deployments: [] })
  expect(await finding()).toMatchObject({ state: 'warn', hint: expect.stringContaining('worker') })
  const uri = 'http://127.0.0.1:9080/'
  answers.set('/deployments', { deployments: [{ uri, services: [{ name: 'prsm-runs' }] }] })
  expect(await finding()).toEqual({
    check: 'restate',
    state: 'ok',
    text: `1.7.12 at ${url}, reaches workers at ${uri}`,
  })
})

test('a server that refuses a worker, or is not there, is named with what to do', async () => {
  answers.clear()
  const file = await cli.write('a.json', flow({ a: { uses: 'transform', with: { value: 1 } } }))
  const refused = await cli.json('run', file)
  expect([refused.code, refused.value]).toMatchObject([4, { error: { code: 'restate.refused' } }])
  expect(await finding()).toMatchObject({ state: 'fail', hint: expect.any(String) })
  const env = { PRSM_RESTATE_ADMIN_URL: 'http://127.0.0.1:1' }
  const away = await cli.start(['run', file], { env }).ended
  expect([away.code, away.err]).toMatchObject([
    4,
    expect.stringMatching(
      /no Restate server answers at http:\/\/127\.0\.0\.1:1[^]*restateAdminUrl/,
    ),
  ])
})

test('a worker whose port is taken says so', async () => {
  const env = { PRSM_RESTATE_PORT: new URL(url).port }
  const { code, err } = await cli.start(['worker', '--once'], { env }).ended
  expect([code, err]).toMatchObject([
    1,
    expect.stringMatching(/port \d+ on 127\.0\.0\.1[^]*restatePort/),
  ])
})

test('addresses that are none are refused before anything is tried', async () => {
  const env = { PRSM_RESTATE_URL: 'localhost:8080', PRSM_RESTATE_IDENTITY_KEY: 'secret' }
  const { code, out } = await cli.start(['doctor'], { env }).ended
  expect([code, out]).toMatchObject([
    1,
    expect.stringMatching(
      /PRSM_RESTATE_URL[^]*http:\/\/host:port[^]*PRSM_RESTATE_IDENTITY_KEY[^]*publickeyv1_/,
    ),
  ])
})
