import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { toMicroFtns } from '../../src/kernel/money.ts'
import type { RunEvent, Workflows } from '../../src/workflow/index.ts'

/** What a run comes to, whatever drives it and whatever happens to it meanwhile. */
export interface Outcome {
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly output?: Json
  /** Code of its failure. */
  readonly error?: string
  /** µFTNS. */
  readonly cost: bigint
  /** Units completed, in the order of their names. */
  readonly completed: readonly string[]
  /** Units undone, in order. */
  readonly undone?: readonly string[]
  /** Keys under which its steps act, and how often they do when nothing disturbs them. */
  readonly acts: Readonly<Record<string, number>>
}

/** What can be done with a run that is under way. */
export interface Hand {
  readonly run: string
  readonly tenant: string
  /** Repeats what fails for want of a database. */
  readonly workflows: Pick<Workflows, 'submit' | 'signal' | 'control' | 'getRun'>
  /** Resolves when the run has had such an event. */
  readonly heard: (kind: RunEvent['kind'], step?: string) => Promise<void>
  /** Resolves with the output of another run when that has ended. */
  readonly outputOf: (run: string) => Promise<Json>
}

/** One definition with what is done to its run and what must come of it, on every host. */
export interface Case {
  readonly name: string
  readonly definition: JsonObject
  readonly budget?: bigint
  readonly act?: (hand: Hand) => Promise<void>
  readonly expected: Outcome
}

const step = (ms: number, more: JsonObject = {}, rest: JsonObject = {}): JsonObject => ({
  uses: 'effect',
  with: { ms, ...more },
  ...rest,
})
const workflow = (name: string, steps: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'prsm/v1',
  name,
  steps,
  ...more,
})
const acts = (...keys: readonly string[]): Record<string, number> =>
  Object.fromEntries(keys.map((key) => [key, 1]))
const by = 'somebody'
/** µFTNS of a million tokens. */
const MILLION = 10_000n

const chain: Case = {
  name: 'a chain of steps',
  definition: workflow(
    'chain',
    {
      a: step(5, { tokens: 1_000_000 }),
      b: step(5, { gives: 2 }, { needs: 'a' }),
      c: { uses: 'transform', needs: 'b', with: { value: '{% $steps.b.output + 40 %}' } },
    },
    { output: '{% $steps.c.output %}' },
  ),
  expected: {
    status: 'completed',
    output: 42,
    cost: MILLION,
    completed: ['a', 'b', 'c'],
    acts: acts('a', 'b'),
  },
}

const ITEMS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const fan: Case = {
  name: 'a fan of items, few at a time',
  definition: workflow(
    'fan',
    {
      each: step(10, { tokens: 100_000 }, { forEach: { items: ITEMS, maxConcurrency: 4 } }),
      other: step(10),
      sum: {
        uses: 'transform',
        needs: ['each', 'other'],
        with: { value: '{% $sum($steps.each.output.index) %}' },
      },
    },
    { output: '{% $steps.sum.output %}' },
  ),
  expected: {
    status: 'completed',
    output: 45,
    cost: MILLION,
    completed: [...ITEMS.map((index) => `each[${index}]`), 'other', 'sum'],
    acts: acts(...ITEMS.map((index) => `each[${index}]`), 'other'),
  },
}

const timers: Case = {
  name: 'timers',
  definition: workflow('timers', {
    a: step(5),
    short: { uses: 'wait', needs: 'a', with: { for: '50ms' } },
    long: { uses: 'wait', needs: 'a', with: { for: '700ms' } },
    b: step(5, { gives: 'after' }, { needs: ['short', 'long'] }),
  }),
  expected: {
    status: 'completed',
    output: { b: 'after' },
    cost: 0n,
    completed: ['a', 'b', 'long', 'short'],
    acts: acts('a', 'b'),
  },
}

const signals: Case = {
  name: 'signals, one before and one while it is waited for',
  definition: workflow(
    'signals',
    {
      a: step(60),
      early: { uses: 'wait', needs: 'a', with: { signal: 'early' } },
      late: { uses: 'wait', needs: 'early', with: { signal: 'late', timeout: '1h' } },
    },
    { output: '{% [$steps.early.output, $steps.late.output] %}' },
  ),
  async act({ run, tenant, workflows, heard }) {
    const letter = { tenant, run, by }
    await workflows.signal({ ...letter, signal: 'early', payload: 1, id: `sig_${run}_1` })
    await heard('step.waiting', 'late')
    await workflows.signal({ ...letter, signal: 'late', payload: { n: 2 }, id: `sig_${run}_2` })
  },
  expected: {
    status: 'completed',
    output: [1, { n: 2 }],
    cost: 0n,
    completed: ['a', 'early', 'late'],
    acts: acts('a'),
  },
}

const approval = (isApproved: boolean): Case => ({
  name: isApproved ? 'an approval' : 'a rejection, which undoes what was done',
  definition: workflow('approval', {
    a: step(5, {}, { compensate: { uses: 'effect', with: { ms: 5 } } }),
    ask: { uses: 'approval', needs: 'a', with: { question: 'Go on?' } },
    b: step(5, { gives: 'done' }, { needs: 'ask' }),
  }),
  async act({ run, tenant, workflows, heard }) {
    await heard('step.waiting', 'ask')
    const payload = { approved: isApproved }
    const id = `sig_${run}_1` as const
    await workflows.signal({ tenant, run, by, signal: 'approval', payload, id })
  },
  expected: isApproved
    ? {
        status: 'completed',
        output: { b: 'done' },
        cost: 0n,
        completed: ['a', 'ask', 'b'],
        acts: acts('a', 'b'),
      }
    : {
        status: 'failed',
        error: 'workflow.rejected',
        cost: 0n,
        completed: ['a'],
        undone: ['a'],
        acts: acts('a', 'a/undo'),
      },
})

const cancel: Case = {
  name: 'a cancellation while a step runs, which stops it and undoes the others',
  definition: workflow('cancel', {
    a: step(5, { tokens: 500_000 }, { compensate: { uses: 'effect', with: { ms: 5 } } }),
    held: step(600_000, {}, { needs: 'a' }),
  }),
  async act({ run, tenant, workflows, heard }) {
    await heard('step.started', 'held')
    await workflows.control(tenant, run, { action: 'cancel', by })
  },
  expected: {
    status: 'cancelled',
    cost: MILLION / 2n,
    completed: ['a'],
    undone: ['a'],
    acts: acts('a', 'a/undo'),
  },
}

const undone: Case = {
  name: 'a failure, after which all is undone in reverse order',
  definition: workflow('undone', {
    a: step(
      5,
      { tokens: 500_000 },
      { compensate: { uses: 'effect', with: { ms: 5, tokens: 200_000 } } },
    ),
    b: step(5, {}, { needs: 'a', compensate: { uses: 'effect', with: { ms: 5 } } }),
    c: step(5, { fails: 99 }, { needs: 'b' }),
  }),
  expected: {
    status: 'failed',
    error: 'internal.fault',
    cost: 7_000n,
    completed: ['a', 'b'],
    undone: ['b', 'a'],
    acts: acts('a', 'b', 'c', 'b/undo', 'a/undo'),
  },
}

const child: Case = {
  name: 'a run that a step begins',
  // A quote sees nothing of runs that steps begin.
  budget: 2n * MILLION,
  definition: workflow(
    'parent',
    {
      kid: {
        uses: 'workflow',
        with: {
          definition: workflow(
            'kid',
            { k: step(10, { tokens: 200_000, gives: 7 }) },
            { output: '{% $steps.k.output * 6 %}' },
          ),
        },
      },
      after: step(5, {}, { needs: 'kid' }),
    },
    { output: '{% $steps.kid.output %}' },
  ),
  expected: {
    status: 'completed',
    output: 42,
    cost: MILLION / 5n,
    completed: ['after', 'kid'],
    acts: acts('after'),
  },
}

const retries: Case = {
  name: 'tries that fail before one that does not',
  definition: workflow('retries', {
    a: step(5, { fails: 2 }, { retry: { max: 3, initial: '20ms', on: ['internal'] } }),
    b: step(
      3,
      { gives: 1 },
      { needs: 'a', repeat: { until: '{% $pass = 3 %}', max: 5, delay: '10ms' } },
    ),
  }),
  expected: {
    status: 'completed',
    output: { b: 1 },
    cost: 0n,
    completed: ['a', 'b'],
    acts: { a: 3, b: 1, 'b/pass-2': 1, 'b/pass-3': 1 },
  },
}

const budget: Case = {
  name: 'a budget that is too small, and is raised',
  budget: 15_000n,
  definition: workflow('budget', {
    a: step(5, { tokens: 1_000_000 }),
    b: step(5, { tokens: 1_000_000, gives: 'paid' }, { needs: 'a' }),
  }),
  async act({ run, tenant, workflows, heard }) {
    await heard('run.paused')
    const more = toMicroFtns(30_000n)
    await workflows.control(tenant, run, { action: 'resume', by, budget: more })
  },
  expected: {
    status: 'completed',
    output: { b: 'paid' },
    cost: 2n * MILLION,
    completed: ['a', 'b'],
    acts: acts('a', 'b'),
  },
}

const short: Case = {
  name: 'a step that waits for what a child run leaves of the budget',
  budget: 15_000n,
  definition: workflow(
    'short',
    {
      kid: {
        uses: 'workflow',
        with: { definition: workflow('short-kid', { k: step(300, { tokens: 100_000 }) }) },
      },
      a: step(50),
      b: step(5, { tokens: 500_000, gives: 'paid' }, { needs: 'a' }),
    },
    { output: '{% $steps.b.output %}' },
  ),
  expected: {
    status: 'completed',
    output: 'paid',
    cost: 6_000n,
    completed: ['a', 'b', 'kid'],
    acts: acts('a', 'b'),
  },
}

const paused: Case = {
  name: 'a pause while a step runs, over before the step is',
  definition: workflow('paused', {
    a: step(600),
    // Long enough to see a second `a` act.
    b: step(900, { gives: 'on' }, { needs: 'a' }),
  }),
  async act({ run, tenant, workflows, heard }) {
    await heard('step.started', 'a')
    await workflows.control(tenant, run, { action: 'pause', by })
    await heard('run.paused')
    await workflows.control(tenant, run, { action: 'resume', by })
  },
  expected: {
    status: 'completed',
    output: { b: 'on' },
    cost: 0n,
    completed: ['a', 'b'],
    acts: acts('a', 'b'),
  },
}

const stepTimeout: Case = {
  name: 'a step that takes too long',
  definition: workflow('step-timeout', { a: step(600_000, {}, { timeout: '150ms' }) }),
  expected: { status: 'failed', error: 'workflow.timeout', cost: 0n, completed: [], acts: {} },
}

const runTimeout: Case = {
  name: 'a run that takes too long',
  definition: workflow(
    'run-timeout',
    { a: { uses: 'wait', with: { signal: 'never' } }, b: step(600_000) },
    { timeout: '400ms' },
  ),
  expected: { status: 'failed', error: 'workflow.run-timeout', cost: 0n, completed: [], acts: {} },
}

const version = (gives: string): JsonObject =>
  workflow('upgrade', {
    a: step(5),
    hold: { uses: 'wait', needs: 'a', with: { signal: 'go' } },
    b: step(5, { gives }, { needs: 'hold' }),
  })
const upgrade: Case = {
  name: 'a definition that is changed while its run waits',
  definition: version('old'),
  async act({ run, tenant, workflows, heard, outputOf }) {
    await heard('step.waiting', 'hold')
    const id = `${run}x` as const
    const definition = version('new')
    const other = await workflows.submit({
      tenant,
      definition,
      inputs: {},
      id: id as `run_${string}`,
    })
    const letter = { tenant, by, signal: 'go', payload: null }
    await workflows.signal({ ...letter, run: other.id, id: `sig_${other.id}` })
    const output = await outputOf(other.id)
    if (JSON.stringify(output) !== '{"b":"new"}')
      throw new Error(`the new definition gives ${JSON.stringify(output)}`)
    await workflows.signal({ ...letter, run, id: `sig_${run}` })
  },
  expected: {
    status: 'completed',
    output: { b: 'old' },
    cost: 0n,
    completed: ['a', 'b', 'hold'],
    acts: acts('a', 'b'),
  },
}

/** What every host must do alike. */
export const CASES: readonly Case[] = [
  chain,
  fan,
  timers,
  signals,
  approval(true),
  approval(false),
  cancel,
  undone,
  child,
  retries,
  budget,
  short,
  paused,
  stepTimeout,
  runTimeout,
  upgrade,
]
