import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { realSurroundings, toUrl } from '../../test/support/platform.ts'
import { createClient } from '../client/index.ts'
import type { JsonObject } from '../kernel/json.ts'

import { config } from './config.ts'
import { type Local, openLocal } from './local.ts'

const ROOT = resolve(import.meta.dirname, '../..')

let fixture: TestDatabase
let dataDir: string
let local: Local
let validate: ValidateFunction
beforeAll(async () => {
  fixture = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'prsm-local-'))
  const settings = config.parse({ dataDir, databaseUrl: toUrl(fixture.target) })
  const role = { worker: 'none' } as const
  local = await openLocal(settings, realSurroundings(), { role, version: '0.1.0' })
  const client = createClient({
    baseUrl: 'http://prsm.local',
    fetch: (url, init) => local.fetch(url, init),
  })
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  validate = ajv.compile(await client.workflowSchema())
})
afterAll(async () => {
  await local?.close(0)
  await fixture?.drop()
  await rm(dataDir, { recursive: true, force: true })
})

/** Every definition that ships with the project. */
async function shipped(): Promise<readonly string[]> {
  const folders = ['examples', 'docs/examples'].map((name) => join(ROOT, name))
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder, { recursive: true })).map((name) => join(folder, name)),
    ),
  )
  const files = found.flat().filter((name) => name.endsWith('.yaml'))
  // Settings and schedules stand beside the definitions they are for.
  return files.filter((name) => !/(?:prsm\.config|schedule)\.yaml$/.test(name))
}

const flow = (step: JsonObject, head: JsonObject = {}): JsonObject => ({
  apiVersion: 'prsm/v1',
  name: 'demo',
  ...head,
  steps: { one: { uses: 'http', with: { url: 'https://a.example' }, ...step } },
})

describe('the JSON Schema of definitions that is served', () => {
  test('allows every definition that ships', async () => {
    const files = await shipped()
    expect(files.length).toBeGreaterThan(5)
    const isGood = await Promise.all(
      files.map(async (file) => validate(parse(await readFile(file, 'utf8')))),
    )
    expect(files.filter((_, index) => isGood[index] !== true)).toEqual([])
  })

  test('allows another workflow by its file', () => {
    expect(validate(flow({ uses: 'workflow', with: { file: './hello.yaml' } }))).toBe(true)
  })

  test('refuses a misspelt key of a definition, a step and its parameters', () => {
    expect(validate(flow({}))).toBe(true)
    expect(validate(flow({}, { budgte: '5 FTNS' }))).toBe(false)
    expect(validate(flow({ timeuot: '5s' }))).toBe(false)
    expect(validate(flow({ with: { url: 'https://a.example', methd: 'GET' } }))).toBe(false)
  })

  test('is the one in the documentation', async () => {
    const written: unknown = JSON.parse(
      await readFile(join(ROOT, 'docs/schemas/workflow-v1.json'), 'utf8'),
    )
    expect(validate.schema).toEqual(written)
  })
})
