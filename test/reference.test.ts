import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { makeReference, outdated } from '../scripts/reference.ts'

const ROOT = resolve(import.meta.dirname, '..')
const SCHEMA = 'docs/schemas/workflow-v1.json'
const SCHEDULE_SCHEMA = 'docs/schemas/schedule-v1.json'

const documents = ['examples', 'docs/examples'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.config.yaml'))
    .map((name) => join(folder, name)),
)
const isSchedule = (path: string): boolean =>
  /^kind: schedule$/m.test(readFileSync(join(ROOT, path), 'utf8'))
/** Every definition that ships with the project, by its path. */
const definitions = documents.filter((path) => !isSchedule(path))
const schedules = documents.filter(isSchedule)

describe('the generated reference', () => {
  let files: ReadonlyMap<string, string>
  beforeAll(async () => {
    files = await makeReference()
  })

  test('is what the code says; otherwise: npx tsx scripts/reference.ts', () => {
    expect(files.size).toBeGreaterThan(5)
    expect(outdated(files)).toEqual([])
  })
})

describe('the JSON Schema of definitions', () => {
  const schema: object = JSON.parse(readFileSync(join(ROOT, SCHEMA), 'utf8'))
  const validate = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
    schema,
  )
  const faultsOf = (value: unknown): readonly string[] =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  const flow = (step: object): object => ({
    apiVersion: 'prsm/v1',
    name: 'demo',
    steps: { one: step },
  })

  test('sees the examples', () => expect(definitions.length).toBeGreaterThan(1))

  test.each(definitions)('allows %s', (path) => {
    expect(faultsOf(parse(readFileSync(join(ROOT, path), 'utf8')))).toEqual([])
  })

  test('allows an expression and a secret in the place of any value', () => {
    const url = '{% $inputs.url %}'
    const step = { uses: 'http', with: { url, headers: { a: { $secret: 'KEY' } }, timeoutMs: url } }
    expect(faultsOf(flow(step))).toEqual([])
  })

  test('refuses what the checker refuses', () => {
    const wrong = [
      { uses: 'http', with: { url: 'https://a.example', timeoutMs: 'soon' } },
      { uses: 'http', with: { url: 'https://a.example', timeOut: 5 } },
      { uses: 'files.read', with: { path: 'a', as: 'xml' } },
      { uses: 'approval', with: {} },
      { uses: 'workflow', with: { file: './a.yaml', definition: {} } },
      { uses: 'transform', with: { value: 1 }, timeout: 'soon' },
      { uses: 'transform', wiht: { value: 1 } },
    ]
    expect(wrong.filter((step) => faultsOf(flow(step)).length === 0)).toEqual([])
  })

  test('allows another workflow by its file', () => {
    expect(faultsOf(flow({ uses: 'workflow', with: { file: './a.yaml' } }))).toEqual([])
  })

  test('refuses a definition without steps, and one in another language', () => {
    expect(faultsOf({ apiVersion: 'prsm/v1', name: 'demo', steps: {} })).not.toEqual([])
    expect(faultsOf({ ...flow({ uses: 'transform' }), apiVersion: 'prsm/v9' })).not.toEqual([])
  })
})

describe('the JSON Schema of schedules', () => {
  const schema: object = JSON.parse(readFileSync(join(ROOT, SCHEDULE_SCHEMA), 'utf8'))
  const validate = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
    schema,
  )

  test('allows the examples', () => {
    expect(schedules.length).toBeGreaterThan(0)
    for (const path of schedules) {
      expect([path, validate(parse(readFileSync(join(ROOT, path), 'utf8')))]).toEqual([path, true])
    }
  })

  test('refuses a trigger that does not exist', () => {
    const document = { apiVersion: 'prsm/v1', kind: 'schedule', name: 'x' }
    expect(validate({ ...document, trigger: { kind: 'cron', cron: '0 2 * * *' } })).toBe(true)
    expect(validate({ ...document, trigger: { kind: 'sometimes' } })).toBe(false)
  })
})
