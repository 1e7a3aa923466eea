import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Scope } from '../src/access/index.ts'
import { createApi } from '../src/api/index.ts'
import { config } from '../src/app/config.ts'
import { type Local, openLocal } from '../src/app/local.ts'
import {
  type Client,
  createClient,
  type LibraryAction,
  type SharingLevel,
} from '../src/client/index.ts'
import type { JsonObject } from '../src/kernel/json.ts'
import { toMicroFtns } from '../src/kernel/money.ts'

import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { realSurroundings, toUrl } from './support/platform.ts'

type Actor = 'owner' | 'colleague' | 'invited' | 'buyer' | 'stranger'

const ACTORS: readonly Actor[] = ['owner', 'colleague', 'invited', 'buyer', 'stranger']
const TENANTS: Readonly<Record<Actor, string>> = {
  owner: 'acme',
  colleague: 'acme',
  invited: 'guest',
  buyer: 'buyer',
  stranger: 'stranger',
}

let fixture: TestDatabase
let dataDir: string
let local: Local
let clients: Readonly<Record<Actor, Client>>
let admin: Client

beforeAll(async () => {
  fixture = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'prsm-library-'))
  const settings = { dataDir, databaseUrl: toUrl(fixture.target), libraryVersions: 30 }
  local = await openLocal(config.parse(settings), realSurroundings(), {
    role: { worker: 'all' },
    version: '0.0.0',
  })
  const app = createApi({ ...local.api, auth: { kind: 'keys' } })
  const clientOf = async (tenant: string, scopes: Scope[]): Promise<Client> => {
    const { token } = await local.api.access.createKey({ tenant, name: 'test', scopes })
    const fetch = async (url: string, init: RequestInit): Promise<Response> =>
      app.fetch(new Request(url, init))
    return createClient({ baseUrl: 'http://prsm.test', apiKey: token, fetch, attempts: 1 })
  }
  const made = await Promise.all(
    ACTORS.map(async (actor) => [actor, await clientOf(TENANTS[actor], ['run'])] as const),
  )
  clients = Object.fromEntries(made) as Record<Actor, Client>
  admin = await clientOf('acme', ['admin'])
  for (const tenant of new Set(Object.values(TENANTS)))
    await local.platform.ledger.welcome(tenant, toMicroFtns(10_000_000n))
})

afterAll(async () => {
  await local.close(0)
  await fixture.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const flow = (name: string, value: unknown = 'secret recipe'): JsonObject =>
  JSON.parse(
    JSON.stringify({
      apiVersion: 'prsm/v1',
      name,
      inputs: { type: 'object', properties: { n: { type: 'integer' } } },
      steps: {
        mix: { uses: 'transform', with: { value } },
        bake: { uses: 'transform', with: { value: '{% $steps.mix.output %}' } },
      },
    }),
  )
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'done'
  } catch (fault) {
    return (fault as { code: string }).code
  }
}

/** What each action comes to when `actor` tries it. */
const TRIES: Readonly<
  Record<
    LibraryAction,
    (client: Client, tenant: string, name: string, as: string) => Promise<unknown>
  >
> = {
  see: (client, tenant, name) => client.getWorkflow({ tenant, name }),
  read: (client, tenant, name) => client.getVersion({ tenant, name }),
  run: (client, tenant, name) => client.createRun({ workflow: `${tenant}/${name}` }),
  fork: (client, tenant, name, as) => client.forkWorkflow({ tenant, name }, { name: as }),
  edit: (client, tenant, name) => client.tagVersion({ tenant, name }, { tag: 'prod' }),
  share: (client, tenant, name) => client.shareWorkflow({ tenant, name }, { level: 'private' }),
  delete: (client, tenant, name) => client.deleteWorkflow({ tenant, name }),
  buy: (client, tenant, name) => client.buyWorkflow({ tenant, name }),
}
const NOT_OWN: readonly LibraryAction[] = ['see', 'read', 'run', 'fork', 'edit', 'share', 'delete']

/** What each level grants to whom, beside the owner, who may do everything but buy. */
const GRANTED: Readonly<Record<SharingLevel, Readonly<Partial<Record<Actor, string>>>>> = {
  private: {},
  shared_read: { colleague: 'see read', invited: 'see read' },
  shared_execute: { colleague: 'see run', invited: 'see run' },
  public_read: {
    colleague: 'see read',
    invited: 'see read',
    buyer: 'see read',
    stranger: 'see read',
  },
  public_template: {
    colleague: 'see read fork',
    invited: 'see read fork',
    buyer: 'see read fork',
    stranger: 'see read fork',
  },
  marketplace: {
    colleague: 'see read run fork',
    invited: 'see buy',
    buyer: 'see read run fork',
    stranger: 'see buy',
  },
}

describe('sharing over HTTP', () => {
  const levels = Object.keys(GRANTED) as SharingLevel[]

  test.each(levels)('%s grants each actor what its name says, and nothing else', async (level) => {
    const name = level.replaceAll('_', '-')
    const { owner, buyer } = clients
    await owner.saveWorkflow({ definition: flow(name) })
    const tenants = level.startsWith('shared') ? { with: ['guest'] } : {}
    const offer = level === 'marketplace' ? { price: toMicroFtns(2_000_000n), licence: 'MIT' } : {}
    await owner.shareWorkflow({ name }, { level, ...tenants, ...offer })
    if (level === 'marketplace') await buyer.buyWorkflow({ tenant: 'acme', name })
    for (const actor of ACTORS.filter((each) => each !== 'owner')) {
      const granted = GRANTED[level][actor]?.split(' ') ?? []
      const isUnseen = granted.length === 0
      for (const action of NOT_OWN) {
        const tried = codeOf(TRIES[action](clients[actor], 'acme', name, `${name}-${actor}`))
        const refused = isUnseen ? 'library.unknown-workflow' : 'library.not-granted'
        const expected = granted.includes(action) ? 'done' : refused
        expect([level, actor, action, await tried]).toEqual([level, actor, action, expected])
      }
    }
    if (level !== 'marketplace') {
      const refused = ['library.unknown-workflow', 'library.not-granted']
      const bought = await codeOf(clients.stranger.buyWorkflow({ tenant: 'acme', name }))
      expect(refused).toContain(bought)
    }
    const listed = async (client: Client): Promise<boolean> => {
      const { items } = await client.listWorkflows({ others: true, limit: 200 }).page()
      return items.some((each) => each.name === name && each.tenant === 'acme')
    }
    for (const actor of ACTORS) {
      const isSeen = actor === 'owner' || GRANTED[level][actor] !== undefined
      expect([level, actor, await listed(clients[actor])]).toEqual([level, actor, isSeen])
    }
    for (const action of ['see', 'read', 'run', 'fork', 'edit', 'share'] as const)
      expect(await codeOf(TRIES[action](owner, 'acme', name, `${name}-own`))).toBe('done')
    expect(await codeOf(TRIES.buy(owner, 'acme', name, ''))).toBe('library.not-granted')
  })

  test('what is bought is paid to the owner once, and for the whole tenant', async () => {
    const { owner, invited } = clients
    await owner.saveWorkflow({ definition: flow('sold') })
    await owner.shareWorkflow(
      { name: 'sold' },
      { level: 'marketplace', price: toMicroFtns(3_000_000n) },
    )
    const before = await invited.wallet()
    const sold = { tenant: 'acme', name: 'sold' }
    await invited.buyWorkflow(sold)
    expect((await invited.buyWorkflow(sold)).may).toContain('run')
    const after = await invited.wallet()
    expect(before.available - after.available).toBe(3_000_000n)
    expect(await local.platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
    await owner.shareWorkflow(
      { name: 'sold' },
      { level: 'marketplace', price: toMicroFtns(300_000_000n) },
    )
    expect(await codeOf(clients.stranger.buyWorkflow(sold))).toBe('ledger.insufficient-credit')
    expect((await clients.stranger.getWorkflow(sold)).may).toEqual(['see', 'buy'])
  })

  test('who may only run sees no definition, neither of the workflow nor of the run', async () => {
    const { owner, invited } = clients
    await owner.saveWorkflow({ definition: flow('closed') })
    await owner.shareWorkflow({ name: 'closed' }, { level: 'shared_execute', with: ['guest'] })
    const { id } = await invited.createRun({ workflow: 'acme/closed', inputs: { n: 1 } })
    const outline = {
      apiVersion: 'prsm/v1',
      name: 'closed',
      inputs: flow('closed')['inputs'],
      steps: { mix: { uses: 'transform' }, bake: { uses: 'transform', needs: ['mix'] } },
    }
    expect(await invited.getDefinition(id)).toEqual(outline)
    expect(await invited.getOutline({ tenant: 'acme', name: 'closed' })).toEqual(outline)
    for await (const _ of invited.watchRun(id)) void _
    const fork = await invited.forkRun(id, { from: 'bake' })
    expect(await invited.getDefinition(fork.id)).toEqual(outline)
    const own = await owner.createRun({ workflow: 'closed' })
    expect(await owner.getDefinition(own.id)).toEqual(flow('closed'))
    await owner.deleteWorkflow({ name: 'closed' }).catch(() => undefined)
    expect(await invited.getDefinition(id)).toEqual(outline)
  })

  test('a template is a copy: it is made of what may be forked, not of what may be read', async () => {
    const { owner, invited } = clients
    const from = { workflow: 'acme/shown', category: 'custom', public: false } as const
    await owner.saveWorkflow({ definition: flow('shown') })
    await owner.shareWorkflow({ name: 'shown' }, { level: 'public_read' })
    expect(await codeOf(invited.createTemplate({ from }))).toBe('library.not-granted')
    await owner.shareWorkflow({ name: 'shown' }, { level: 'public_template' })
    expect((await invited.createTemplate({ from })).tenant).toBe('guest')
  })

  test('a status is that of one’s own runs', async () => {
    const { owner, invited } = clients
    await owner.saveWorkflow({ definition: flow('apart') })
    await owner.shareWorkflow({ name: 'apart' }, { level: 'shared_execute', with: ['guest'] })
    const { id } = await invited.createRun({ workflow: 'acme/apart' })
    for await (const _ of invited.watchRun(id)) void _
    expect((await invited.getWorkflow({ tenant: 'acme', name: 'apart' })).status).toBe('completed')
    expect((await owner.getWorkflow({ name: 'apart' })).status).toBe('saved')
  })

  test('an administrator acts as the owner of what is in the tenant', async () => {
    await clients.owner.saveWorkflow({ definition: flow('left') })
    expect(await codeOf(clients.colleague.getWorkflow({ name: 'left' }))).toBe(
      'library.unknown-workflow',
    )
    expect((await admin.getWorkflow({ name: 'left' })).may).toContain('delete')
    expect(await codeOf(clients.colleague.saveWorkflow({ definition: flow('left', 'mine') }))).toBe(
      'library.unknown-workflow',
    )
    await admin.deleteWorkflow({ name: 'left' })
  })

  test.each<[string, Parameters<Client['shareWorkflow']>[1], string]>([
    ['a price beside a level without one', { level: 'public_read', price: toMicroFtns(1n) }, ''],
    ['tenants beside a level for all', { level: 'public_read', with: ['guest'] }, ''],
  ])('refuses %s', async (_, request) => {
    await clients.owner.saveWorkflow({ definition: flow('sharing') })
    expect(await codeOf(clients.owner.shareWorkflow({ name: 'sharing' }, request))).toBe(
      'library.invalid-sharing',
    )
  })

  test('does not offer a draft', async () => {
    await clients.owner.saveWorkflow({ definition: { name: 'unfinished' }, draft: true })
    const share = clients.owner.shareWorkflow({ name: 'unfinished' }, { level: 'public_template' })
    expect(await codeOf(share)).toBe('library.draft')
  })
})

describe('over HTTP', () => {
  test('a repeated request saves, pins and pays once', async () => {
    const { stranger } = clients
    const options = { idempotencyKey: 'library-once' }
    const first = await stranger.saveWorkflow({ definition: flow('once') }, options)
    expect(await stranger.saveWorkflow({ definition: flow('once') }, options)).toEqual(first)
    const key = { idempotencyKey: 'library-run-1' }
    const run = await stranger.createRun({ workflow: 'once@1' }, key)
    expect((await stranger.createRun({ workflow: 'once@1' }, key)).id).toBe(run.id)
    expect(await stranger.listVersions({ name: 'once' })).toMatchObject([{ version: 1, runs: 1 }])
    const use = { idempotencyKey: 'library-use-1' }
    await stranger.useTemplate({ name: 'blank' }, {}, use)
    await stranger.useTemplate({ name: 'blank' }, {}, use)
    expect(await stranger.getTemplate({ name: 'blank' })).toMatchObject({ uses: 1 })
  })

  test('two who save at once make two versions, each from the one before', async () => {
    const { stranger } = clients
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((text) => stranger.saveWorkflow({ definition: flow('busy', text) })),
    )
    const versions = await stranger.listVersions({ name: 'busy' })
    expect(versions.map(({ version, parent }) => [version, parent])).toEqual([
      [4, 3],
      [3, 2],
      [2, 1],
      [1, undefined],
    ])
  })

  test('a run names either a definition or a saved workflow', async () => {
    const { stranger } = clients
    expect(await codeOf(stranger.createRun({}))).toBe('client.invalid-argument')
    expect(await codeOf(stranger.createRun({ workflow: 'No Name' }))).toBe(
      'library.invalid-reference',
    )
  })

  test('more versions than a tenant may keep are refused by name; pruning makes room', async () => {
    const { stranger } = clients
    const usage = await stranger.libraryUsage()
    for (let left = usage.maxVersions - usage.versions; left > 0; left--)
      await stranger.saveWorkflow({ definition: flow('full', `${left}`) })
    const more = (): Promise<unknown> => stranger.saveWorkflow({ definition: flow('full', 'more') })
    await expect(more()).rejects.toMatchObject({
      code: 'library.quota-exceeded',
      status: 409,
      details: { resource: 'versions', wanted: 31, limit: 30 },
    })
    await stranger.pruneVersions({ name: 'full' }, { keep: 1 })
    await more()
  })
})

test('templates that come with PRSM are valid, counted, and run without anything else', async () => {
  const client = clients.buyer
  const found = await client.listTemplates()
  const builtIn = found.filter(({ tenant }) => tenant === 'platform')
  for (const { name } of builtIn) {
    const used = await client.useTemplate({ name }, { as: `my-${name}` })
    expect(used).toMatchObject({ paid: 0n, workflow: { status: 'saved', name: `my-${name}` } })
    const run = await client.createRun({ workflow: `my-${name}` })
    let last: JsonObject = {}
    for await (const { data } of client.watchRun(run.id)) last = data
    expect([name, last['output']]).toEqual([name, OUTPUTS[name]])
    expect((await client.getTemplate({ name })).uses).toBeGreaterThan(0)
  }
  expect(builtIn.map(({ name }) => name)).toEqual(Object.keys(OUTPUTS).toSorted())
})

/** What the templates that come with PRSM give as they are. */
const OUTPUTS: Readonly<Record<string, unknown>> = {
  blank: 'hello',
  'clean-records': { records: [{ id: 'a', note: 'first' }, { id: 'b' }], dropped: 2 },
  'cloze-quiz': expect.arrayContaining([
    { question: expect.stringContaining('______'), answer: expect.any(String) },
  ]),
  'expense-check': { totals: { travel: 200 }, toLookAt: [{ amount: 900, centre: 'office' }] },
  'fit-line': {
    model: { slope: expect.closeTo(2), intercept: expect.closeTo(1) },
    test: { meanSquaredError: expect.closeTo(0), points: 2 },
  },
  'text-digest': { summaries: [expect.any(String), expect.any(String)], file: 'digest.md' },
  'timed-note': 'note.txt',
  'word-report': {
    words: expect.arrayContaining([{ word: 'mill', times: 3 }]),
    file: 'report.md',
  },
}
