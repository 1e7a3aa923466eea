import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { Json, JsonObject } from '../src/kernel/json.ts'
import { toMicroFtns } from '../src/kernel/money.ts'
import type { TimedEvent } from '../src/workflow/index.ts'
import { resolution, rollbackStrategy } from '../src/workflow/rollback/schema.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'
import { SPEND_PRICES, spendKind } from './support/spend-kind.ts'

const STRATEGIES = rollbackStrategy.options
const RESOLUTIONS = resolution.options

/** What somebody does about a run that stands still, or has ended. */
type Deed =
  | { readonly do: 'more'; readonly budget: number }
  | { readonly do: 'resolve'; readonly resolution: (typeof RESOLUTIONS)[number] }
  | { readonly do: 'cancel' | 'rollback' }

interface Case {
  readonly definition: JsonObject
  readonly deeds: readonly Deed[]
}

const small = fc.integer({ min: 0, max: 40 })
const work = fc
  .record({
    costs: fc.array(small, { minLength: 1, maxLength: 3 }),
    // At times it uses up more than it may cost: the rest stays unpaid.
    room: fc.integer({ min: -5, max: 20 }),
    fails: fc.constantFrom(0, 0, 0, 1, 2, 99),
    isTransient: fc.boolean(),
  })
  .map(({ costs, room, ...rest }): JsonObject => {
    const bound = Math.max(0, Math.max(...costs) + room)
    return { uses: 'spend', with: { costs, bound, ...rest } }
  })
const rollback = fc
  .record({
    strategy: fc.constantFrom(...STRATEGIES),
    otherwise: fc.constantFrom(...STRATEGIES.filter((each) => each !== 'retry_failed_step')),
  })
  .map(({ strategy, otherwise }): Json => ({ strategy, otherwise, retries: 1 }))
const retry = fc.integer({ min: 0, max: 2 }).map((max): Json => ({ max, initial: '1ms' }))
const more = {
  retry: fc.option(retry, { nil: undefined }),
  rollback: fc.option(rollback, { nil: undefined }),
  compensate: fc.option(
    fc.tuple(work, retry).map(([undo, again]): Json => ({ ...undo, retry: again })),
    { nil: undefined },
  ),
  cleanup: fc.option(work, { nil: undefined, freq: 6 }),
  forEach: fc.constantFrom(undefined, undefined, undefined, [1, 2]),
  pivot: fc.constantFrom(undefined, undefined, undefined, undefined, true),
  onError: fc.constantFrom(undefined, undefined, undefined, undefined, 'continue'),
}
const steps = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc
    .tuple(
      ...Array.from({ length: size }, (_, at) =>
        fc.record({
          needs: fc.subarray(namesUpTo(at), { maxLength: Math.min(2, at) }),
          work,
          ...more,
        }),
      ),
    )
    .map((list) =>
      Object.fromEntries(
        list.map(({ work: how, ...rest }, at) => [`s${at}`, defined({ ...how, ...rest })]),
      ),
    ),
)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.integer({ min: 1, max: 300 }).map((budget): Deed => ({ do: 'more', budget })),
  fc.constantFrom(...RESOLUTIONS).map((each): Deed => ({ do: 'resolve', resolution: each })),
  fc.constantFrom<Deed>({ do: 'cancel' }, { do: 'rollback' }),
)
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    steps,
    deeds: fc.array(deed, { maxLength: 5 }),
    budget: fc.integer({ min: 20, max: 250 }),
    failFast: fc.boolean(),
    rollback: fc.option(rollback, { nil: undefined }),
  })
  .map(({ deeds, budget, ...head }) => ({
    deeds,
    definition: defined({
      apiVersion: 'prsm/v1',
      name: 'money',
      budget: ftns(budget),
      ...head,
    }),
  }))

function namesUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `s${at}`)
}

function ftns(micro: number): string {
  return `${(micro / 1_000_000).toFixed(6)} FTNS`
}

function defined(object: Readonly<Record<string, Json | undefined>>): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject
}

const FINAL = new Set(['completed', 'failed', 'cancelled'])
const GRANT = toMicroFtns(1_000n)

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform({
    role: { worker: 'all', kinds: [spendKind] },
    settings: { prices: SPEND_PRICES },
  })
})
afterAll(() => platform.drop())

const WITHIN = { timeout: 60_000, interval: 10 }

/** Waits until a run has ended or stands still, and gives its state. */
function settled(tenant: string, run: string): Promise<string> {
  return vi.waitUntil(async () => {
    const { status } = await platform.workflows.getRun(tenant, run)
    return FINAL.has(status) || status === 'paused' ? status : undefined
  }, WITHIN)
}

/** Does something about a run; what makes no sense as it is, is refused and changes nothing. */
async function act(tenant: string, run: string, what: Deed): Promise<void> {
  const by = 'test'
  try {
    if ('budget' in what) {
      const budget = toMicroFtns(BigInt(what.budget))
      await platform.workflows.control(tenant, run, { action: 'resume', by, budget })
    } else if ('resolution' in what) {
      await platform.rollbacks.resolve(tenant, run, { by, resolution: what.resolution })
    } else if (what.do === 'rollback') await platform.rollbacks.rollBack(tenant, run, { by })
    else await platform.workflows.control(tenant, run, { action: 'cancel', by })
  } catch (fault) {
    if (!(fault instanceof Error) || fault.constructor.name !== 'RefusedError') throw fault
  }
}

/** Waits until what was asked for has been heard, and has led to something. */
async function heard(tenant: string, run: string): Promise<void> {
  const text = 'select from signals where run = $1'
  const { database } = platform.fixture
  await vi.waitUntil(
    async () => (await database.query({ text, values: [run] })).length === 0,
    WITHIN,
  )
  await settled(tenant, run)
}

interface Played {
  readonly run: string
  readonly events: readonly TimedEvent['event'][]
}

/** Runs a case to its end, whatever somebody does on the way. */
async function play(tenant: string, { definition, deeds }: Case): Promise<Played> {
  await platform.ledger.welcome(tenant, GRANT)
  const { id: run } = await platform.workflows.submit({ tenant, definition, inputs: {} })
  await settled(tenant, run)
  for (const each of deeds) {
    await act(tenant, run, each)
    await heard(tenant, run)
  }
  if ((await settled(tenant, run)) === 'paused') {
    await act(tenant, run, { do: 'cancel' })
    await heard(tenant, run)
  }
  const events = await platform.workflows.listEvents(tenant, run)
  return { run, events: events.map(({ event }) => event) }
}

interface HoldRow {
  readonly id: string
  readonly amount: bigint
  readonly captured: bigint
  readonly is_open: boolean
}

/** What the books say of a tenant that has had one run. */
async function booksOf(tenant: string) {
  const balance = await platform.ledger.findBalance(tenant)
  const holds = await platform.fixture.database.query<HoldRow>({
    text: 'select id, amount, captured, is_open from holds where account = $1',
    values: [`${tenant}:wallet`],
  })
  const transfers = await platform.ledger.listTransfers({
    account: `${tenant}:wallet`,
    limit: 1_000,
  })
  const charged = transfers
    .filter(({ debit }) => debit === `${tenant}:wallet`)
    .reduce((sum, { amount }) => sum + amount, 0n)
  return { available: balance?.available, account: balance?.account, holds, charged }
}

/** The hold that paid when a run ended. */
function lastHold(events: Played['events']): string | undefined {
  const named = events.flatMap((event) => ('hold' in event.data ? (event.data.hold ?? []) : []))
  return named.at(-1)
}

async function checkMoney(tenant: string, { run, events }: Played): Promise<void> {
  const { cost, status } = await platform.workflows.getRun(tenant, run)
  expect(FINAL.has(status)).toBe(true)
  const { available, account, holds, charged } = await booksOf(tenant)
  expect(charged).toBe(cost)
  expect(available).toBe(GRANT - cost)
  expect(account?.debitsPending).toBe(0n)
  expect(holds.filter(({ is_open: isOpen }) => isOpen)).toEqual([])
  const paid = events.flatMap(({ data }) => ('usage' in data ? BigInt(data.cost ?? 0) : []))
  expect(paid.reduce((sum, each) => sum + each, 0n)).toBe(cost)
  const refund = events.findLast(
    ({ kind, data }) => kind === 'rollback.acted' && data.action === 'refund_credits',
  )
  if (refund?.kind !== 'rollback.acted' || !isLastRollback(events)) return
  const hold = holds.find(({ id }) => id === lastHold(events))
  const unspent = hold === undefined ? 0n : hold.amount - hold.captured
  expect(BigInt(refund.data.amount ?? 0)).toBe(unspent)
  expect(refund.data.result).toBe(unspent === 0n ? 'skipped' : 'success')
}

/** Whether what a rollback gave back is what the run ended with. */
function isLastRollback(events: Played['events']): boolean {
  const last = events.findLastIndex(({ kind }) => kind === 'rollback.ended')
  return last >= 0 && !events.slice(last).some(({ kind }) => kind === 'run.resumed')
}

describe('whatever fails, and whatever is done about it', () => {
  const cases = fc.sample(anyCase, { numRuns: 60, seed: 3 })
  const strategies = new Set<string>()
  const reasons = new Set<string>()

  test('a wallet has paid what its run has cost, nothing stays set aside, and a refund is what was not spent', async () => {
    await Promise.all(
      cases.map(async (each, at) => {
        const tenant = `money-${at}`
        const played = await play(tenant, each)
        await checkMoney(tenant, played).catch((fault: unknown) => {
          throw new Error(`case ${at}: ${JSON.stringify([each, played.events])}`, { cause: fault })
        })
        for (const { kind, data } of played.events) {
          if ('strategy' in data && data.strategy !== undefined) strategies.add(data.strategy)
          if ('failure' in data && data.failure !== undefined) reasons.add(data.failure)
          if (kind === 'rollback.acted') reasons.add(`${data.action} ${data.result}`)
        }
      }),
    )
    expect(await platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
  })

  test('with every strategy, and with refunds of something and of nothing', () => {
    expect([...strategies].toSorted()).toEqual([...STRATEGIES].toSorted())
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'cost_threshold_exceeded',
        'step_execution_error',
        'user_cancellation',
        'refund_credits success',
        'refund_credits skipped',
        'compensate_effects success',
        'compensate_effects failed',
        'compensate_effects partial_success',
      ]),
    )
  })
})

test('a retry that was affordable until another step was paid is not made, and its step ends with the sums', async () => {
  const tenant = 'money-late'
  const later = { costs: [0], bound: 60, fails: 1, retryAfterMs: 200 }
  const late: Case = {
    deeds: [],
    definition: {
      apiVersion: 'prsm/v1',
      name: 'late',
      budget: ftns(100),
      steps: {
        a: { uses: 'spend', with: later, retry: { max: 1, initial: '1ms' } },
        b: { uses: 'wait', with: { for: '20ms' } },
        c: { uses: 'spend', needs: ['b'], with: { costs: [50], bound: 50 } },
      },
    },
  }
  const played = await play(tenant, late)
  await checkMoney(tenant, played)
  const ends = played.events.filter(({ kind }) => kind === 'step.failed' || kind === 'run.paused')
  expect(ends).toMatchObject([
    {
      data: {
        step: 'a',
        failure: 'cost_threshold_exceeded',
        strategy: 'manual_intervention',
        error: { code: 'workflow.over-budget', details: { needed: '60', left: '50' } },
      },
    },
    { data: { reason: 'incident' } },
  ])
})
