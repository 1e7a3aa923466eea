import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { Json, JsonObject } from '../src/kernel/json.ts'
import { defineStepKind, defineWorkflow, type StepKind } from '../src/workflow/index.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

/** What must be found nowhere. */
const PLAIN = 'hunter2-is-not-to-be-seen'
const NUMBER = 48_151_623
const inputs: JsonObject = {
  user: 'ada',
  password: PLAIN,
  database: { host: 'db', pin: NUMBER },
}
const HEAD: JsonObject = {
  apiVersion: 'prsm/v1',
  name: 'sealed',
  inputs: {
    type: 'object',
    properties: {
      user: { type: 'string' },
      password: { type: 'string', writeOnly: true },
      database: { type: 'object', properties: { pin: { type: 'integer', writeOnly: true } } },
    },
  },
}

let platform: TestPlatform
let seen: unknown[]
let lines: string[]

/** Gives back what it was given, in as many forms as a step can. */
const probe: StepKind = defineStepKind({
  name: 'probe',
  summary: 'Tells everything it is told.',
  takesSecrets: true,
  with: z.looseObject({ fails: z.boolean().default(false) }),
  async run({ fails, ...given }, task) {
    const { inputs: shown } = await task.view()
    seen.push(given, shown)
    await task.checkpoint?.save(JSON.stringify([given, task.checkpoint.load() ?? null]))
    task.log.info('probe.ran', { shown: JSON.stringify(shown) })
    if (fails) throw new Error(`cannot log in with ${JSON.stringify(given)}`)
    return { output: JSON.parse(JSON.stringify({ given, text: `got ${JSON.stringify(given)}` })) }
  },
})

const log = {
  debug: (event: string, fields = {}) => void lines.push(event, JSON.stringify(fields)),
  info: (event: string, fields = {}) => void lines.push(event, JSON.stringify(fields)),
  warn: (event: string, fields = {}) => void lines.push(event, JSON.stringify(fields)),
  error: (event: string, fault: unknown, fields = {}) =>
    void lines.push(event, String(fault), JSON.stringify(fields)),
  child: () => log,
}

beforeAll(async () => {
  platform = await openTestPlatform({
    role: { worker: 'all', kinds: [probe] },
    settings: { labels: ['gpu'] },
    surroundings: {
      log,
      secrets: (name) => (name === 'FROM_ENVIRONMENT' ? 'set-here' : undefined),
    },
  })
})
afterAll(() => platform.drop())
beforeEach(() => {
  seen = []
  lines = []
})

const start = async (steps: JsonObject, more: JsonObject = {}): Promise<string> => {
  const definition: Json = { ...HEAD, ...more, steps }
  const { id } = await platform.workflows.submit({ tenant: 'default', definition, inputs })
  return id
}

const ended = async (run: string): Promise<string> => {
  for await (const { kind } of platform.journal.follow(
    { stream: run, afterVersion: 0 },
    AbortSignal.timeout(20_000),
  )) {
    if (['run.completed', 'run.failed', 'run.cancelled', 'run.paused'].includes(kind)) return kind
  }
  return 'never'
}

/** Everything that is kept or told of runs, as text. */
async function everything(run: string): Promise<string> {
  const { database } = platform.fixture
  const tables = await database.query<{ name: string }>({
    text: `select tablename as name from pg_tables where schemaname = current_schema()`,
  })
  const texts: string[] = [...lines]
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>({
      text: `select row_to_json(t)::text as row from "${name}" t`,
    })
    texts.push(...rows.map(({ row }) => row))
  }
  const contents = await database.query<{ content: Buffer }>({
    text: 'select content from artifacts',
  })
  texts.push(...contents.map(({ content }) => content.toString()))
  texts.push(JSON.stringify(await platform.workflows.listEvents('default', run)))
  const told = await platform.journal.read({ tenant: 'default', afterSeq: 0 }, 10_000)
  return [...texts, JSON.stringify(told)].join('\n')
}

const expectHidden = async (run: string): Promise<string> => {
  const text = await everything(run)
  expect(text).not.toContain(PLAIN)
  expect(text).not.toContain(String(NUMBER))
  return text
}

const login = { user: '{% $inputs.user %}', password: '{% $inputs.password %}' }
const GPU = { runsOn: ['gpu'], resources: { cpu_cores: 1 } }

describe('sensitive inputs', () => {
  test.each([
    ['in the process of the run', {}],
    ['from the queue', GPU],
  ])('reach the step that names them, %s, and are kept nowhere else', async (_, placement) => {
    const run = await start(
      {
        login: { uses: 'probe', with: { ...login, all: '{% $inputs %}' }, ...placement },
        next: { uses: 'probe', with: { text: '{% $steps.login.output.text %}' } },
        other: { uses: 'probe', with: { fixed: true } },
        gives: { uses: 'transform', with: { value: { pin: '{% $inputs.database.pin %}' } } },
      },
      { output: { password: '{% $inputs.password %}', next: '{% $steps.next.output %}' } },
    )
    expect(await ended(run)).toBe('run.completed')
    expect(seen).toContainEqual({ user: 'ada', password: PLAIN, all: inputs })
    expect(seen).toContainEqual({ user: 'ada', password: '[sealed]', database: '[sealed]' })
    const text = await expectHidden(run)
    expect(text).toContain('[secret]')
    const [created] = await platform.workflows.listEvents('default', run)
    expect(created?.event.data).toMatchObject({
      inputs: { user: 'ada', password: '[sealed]', database: '[sealed]' },
    })
    const [told] = await platform.journal.read({ stream: run, afterVersion: 0 }, 1)
    expect(told?.data['inputs']).toMatchObject({ password: '[sealed]' })
  })

  test.each([
    ['in the process of the run', {}],
    ['from the queue', GPU],
  ])('are not in errors, fallbacks or what undoes a step, %s', async (_, placement) => {
    const run = await start({
      done: {
        uses: 'probe',
        with: { password: '{% $inputs.password %}' },
        compensate: { uses: 'probe', with: { again: '{% $inputs.password %}' } },
        ...placement,
      },
      falls: {
        uses: 'probe',
        with: { ...login, fails: true },
        onError: { output: '{% $inputs.password %}' },
        ...placement,
      },
      fails: {
        uses: 'probe',
        needs: ['done', 'falls'],
        with: { ...login, fails: true },
        ...placement,
      },
    })
    expect(await ended(run)).toBe('run.failed')
    expect(seen).toContainEqual({ again: PLAIN })
    await expectHidden(run)
  })

  test('are sealed anew for a child run, and refused where the child does not seal them', async () => {
    const child = (properties: JsonObject): Json => ({
      uses: 'workflow',
      with: {
        definition: {
          ...HEAD,
          name: 'child',
          inputs: { type: 'object', properties },
          steps: { login: { uses: 'probe', with: { password: '{% $inputs.password %}' } } },
        },
        inputs: { password: '{% $inputs.password %}' },
      },
    })
    const good = await start({ child: child({ password: { type: 'string', writeOnly: true } }) })
    expect(await ended(good)).toBe('run.completed')
    expect(seen).toContainEqual({ password: PLAIN })
    await expectHidden(good)
    const bad = await start({ child: child({ password: { type: 'string' } }) })
    expect(await ended(bad)).toBe('run.failed')
    expect(await expectHidden(bad)).toContain('workflow.sensitive-value')
  })

  test('are not put into the name of a signal, or the key of a queue', async () => {
    const waits = { uses: 'wait', with: { signal: '{% $inputs.password %}' } }
    const run = await start({ waits }, { queue: { key: '{% $inputs.password %}' } })
    expect(await ended(run)).toBe('run.failed')
    expect(await expectHidden(run)).toContain('workflow.sensitive-value')
  })

  test('are opened by the worker that takes a run over', async () => {
    const run = await start({
      before: { uses: 'probe', with: login },
      waits: { uses: 'wait', with: { signal: 'go' }, needs: 'before' },
      after: { uses: 'probe', with: { late: '{% $inputs.password %}' }, needs: 'waits' },
    })
    await expect.poll(() => seen.length).toBeGreaterThan(0)
    await platform.workflows.signal({
      tenant: 'default',
      run,
      signal: 'go',
      payload: null,
      by: 'test',
    })
    expect(await ended(run)).toBe('run.completed')
    expect(seen).toContainEqual({ late: PLAIN })
    await expectHidden(run)
  })

  test('that are altered in the database fail the step that uses them, and no other', async () => {
    const run = await start({
      waits: { uses: 'wait', with: { signal: 'go' } },
      plain: { uses: 'probe', with: { user: '{% $inputs.user %}' }, needs: 'waits' },
      login: { uses: 'probe', with: login, needs: 'plain' },
    })
    const { database } = platform.fixture
    const rest = { text: 'select 1 from runs where id = $1 and owner is null', values: [run] }
    await expect.poll(() => database.query(rest)).toHaveLength(1)
    await database.query({
      text: String.raw`
        update events set data = regexp_replace(data::text, '("password":\{"\$sealed":"v1\.\w+\.)', '\1AAAA')::json
        where stream = $1 and version = 1`,
      values: [run],
    })
    const signal = { tenant: 'default', run, signal: 'go', payload: null, by: 'test' }
    await platform.workflows.signal(signal)
    expect(await ended(run)).toBe('run.failed')
    expect(seen).toContainEqual({ user: 'ada' })
    expect(await platform.workflows.getRun('default', run)).toMatchObject({
      error: { code: 'vault.tampered' },
    })
  })

  test('have no default, which the definition would show', () => {
    const checked = platform.workflows.check(
      JSON.stringify({
        ...HEAD,
        inputs: {
          type: 'object',
          properties: { password: { type: 'string', writeOnly: true, default: PLAIN } },
        },
        steps: { a: { uses: 'transform', with: { value: 1 } } },
      }),
    )
    if (checked.ok) throw new TypeError('the definition was accepted')
    expect(checked.refusal).toMatchObject([
      { code: 'workflow.sensitive-value', path: 'inputs.properties.password.default' },
    ])
  })
})

describe('stored secrets', () => {
  const uses = (name: string): Promise<string> =>
    start({ a: { uses: 'probe', with: { secret: { $secret: name } } } }, { secrets: [name] })

  test('are found for the tenant of the run, after the environment', async () => {
    await platform.vault.setSecret('other', { name: 'TOKEN', value: 'of-another-tenant' })
    const without = await uses('TOKEN')
    expect(await ended(without)).toBe('run.failed')
    expect(await platform.workflows.getRun('default', without)).toMatchObject({
      error: {
        code: 'workflow.missing-secret',
        hint: expect.stringMatching('prsm secrets set TOKEN'),
      },
    })
    await platform.vault.setSecret('default', { name: 'TOKEN', value: 'mine-alone' })
    const run = await uses('TOKEN')
    expect(await ended(run)).toBe('run.completed')
    expect(seen).toContainEqual({ secret: 'mine-alone' })
    const text = await everything(run)
    expect(text).toContain('got {\\"secret\\":\\"[secret]\\"}')
    expect(text).not.toMatch(/mine-alone|of-another-tenant/)
    await platform.vault.setSecret('default', { name: 'FROM_ENVIRONMENT', value: 'stored' })
    expect(await ended(await uses('FROM_ENVIRONMENT'))).toBe('run.completed')
    expect(seen).toContainEqual({ secret: 'set-here' })
  })

  test('fail the step where the master key is not', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'prsm-elsewhere-'))
    const other = await platform.beside({ worker: 'none' }, { dataDir: elsewhere })
    await platform.vault.setSecret('default', { name: 'LOCKED', value: 'mine-alone' })
    await expect(other.vault.findSecret('default', 'LOCKED')).rejects.toThrow(/master key mk_\w+/)
    await expect(
      other.workflows.submit({
        tenant: 'default',
        definition: { ...HEAD, steps: { a: { uses: 'transform', with: { value: 1 } } } },
        inputs,
      }),
    ).rejects.toMatchObject({ code: 'vault.master-key-missing' })
    expect(await other.vault.examine()).toMatchObject({ here: [], missing: [expect.any(String)] })
    await rm(elsewhere, { recursive: true })
  })
})

test('functions in code are given sensitive inputs, and what they give is kept free of them', async () => {
  const flow = defineWorkflow({
    name: 'in-code',
    inputs: z.object({ password: z.string().meta({ writeOnly: true }) }),
  })
    .step('login', { run: async ({ inputs: given }) => `logged in with ${given.password}` })
    .build()
  const other = await platform.beside({ worker: 'own', kinds: [flow.kind] })
  const { definition } = flow
  const { id } = await other.workflows.submit({
    tenant: 'default',
    definition,
    inputs: { password: PLAIN },
  })
  expect(await ended(id)).toBe('run.completed')
  expect(await expectHidden(id)).toContain('logged in with [secret]')
})

test('a schedule, which keeps its inputs, refuses sensitive ones', async () => {
  const definition: JsonObject = {
    ...HEAD,
    steps: { a: { uses: 'transform', with: { value: 1 } } },
  }
  const create = (given: JsonObject): Promise<unknown> =>
    platform.schedules.create({
      tenant: 'default',
      name: 'sealed',
      definition,
      spec: { trigger: { kind: 'manual' }, inputs: given },
      by: 'test',
    })
  await expect(create(inputs)).rejects.toMatchObject({ code: 'workflow.sensitive-value' })
})

test('a fork seals them anew, and whoever looks back at a run does not see them', async () => {
  const run = await start({
    login: { uses: 'probe', with: login },
    next: { uses: 'probe', with: { again: '{% $inputs.password %}' }, needs: 'login' },
  })
  expect(await ended(run)).toBe('run.completed')
  const fork = { tenant: 'default', run, from: 'next' }
  const { id } = await platform.history.fork(fork)
  expect(await ended(id)).toBe('run.completed')
  expect(seen.filter((each) => JSON.stringify(each) === `{"again":"${PLAIN}"}`)).toHaveLength(2)
  const moment = await platform.history.momentAt('default', run, 'next')
  expect(moment.seen).toMatchObject({ parameters: { again: '[sealed]' } })
  expect(JSON.stringify(moment)).not.toMatch(/seal_\w+\./)
  await expectHidden(id)
  const properties = { user: {}, password: { type: 'string' }, database: {} }
  const definition: JsonObject = {
    ...HEAD,
    inputs: { type: 'object', properties },
    steps: { next: { uses: 'probe', with: {} } },
  }
  await expect(platform.history.fork({ ...fork, definition })).rejects.toMatchObject({
    code: 'workflow.sensitive-value',
  })
})
