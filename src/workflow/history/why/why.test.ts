import { describe, expect, test } from 'vitest'

import type { Json } from '../../../kernel/json.ts'
import { toMicroFtns } from '../../../kernel/money.ts'
import { checkDefinition } from '../../definition/check.ts'
import type { TimedEvent } from '../../host/run-store.ts'
import type { RunEvent } from '../../machine/events.ts'
import type { RunState } from '../../schema.ts'
import { FLOW_KINDS } from '../../steps/flow-kinds.ts'
import { foldRun } from '../fold.ts'
import type { Reason } from '../schema.ts'

import { explain } from './explain-run.ts'
import type { Whereabouts } from './facts.ts'

const kinds = new Map(FLOW_KINDS.map((kind) => [kind.name, kind]))
const step = (more: Record<string, Json> = {}): Json => ({
  uses: 'transform',
  with: { value: 1 },
  ...more,
})
const checked = checkDefinition(
  {
    value: {
      apiVersion: 'prsm/v1',
      name: 'x',
      concurrency: 1,
      steps: {
        a: step({ compensate: { uses: 'transform', with: { value: 1 } } }),
        b: step(),
        ask: { uses: 'approval', with: { question: 'sure?' } },
      },
    },
    file: undefined,
    place: () => undefined,
  },
  kinds,
)
if (!checked.ok) throw new Error(JSON.stringify(checked.refusal))
const workflow = checked.value

const here: Whereabouts = {
  owner: 'work_1',
  leaseLeftMs: 9_000,
  isOrphan: false,
  wakeAt: undefined,
  unread: 0,
  workers: 1,
  tasks: [],
  now: 10_000,
}
const nobody: Whereabouts = { ...here, owner: undefined, leaseLeftMs: undefined }
const base: readonly RunEvent[] = [
  {
    kind: 'run.created',
    data: { name: 'x', definition: workflow.hash, inputs: {}, budget: '0' },
  },
  { kind: 'run.started', data: { worker: 'work_1' } },
]
const started: RunEvent = { kind: 'step.started', data: { step: 'a', attempt: 1 } }
const queued: RunEvent = {
  kind: 'step.waiting',
  data: { step: 'a', attempt: 1, for: 'task', signal: '$task', task: 'run_1/a/1.1' },
}
const error = { code: 'test.broken', message: 'no' } as const
const refused = { code: 'http.circuit-open', message: 'x is not called' } as const
const unaffordable = {
  code: 'workflow.over-budget',
  message: 'too dear',
  details: { needed: '1500000', left: '1' },
} as const
const failed: readonly RunEvent[] = [
  started,
  { kind: 'step.failed', data: { step: 'a', error } },
  { kind: 'run.failed', data: { error, step: 'a', cost: '0' } },
]
const waits = (data: {
  for: 'time' | 'signal' | 'run'
  signal?: string
  child?: string
  dueAt?: number
}): RunEvent => ({ kind: 'step.waiting', data: { step: 'ask', attempt: 1, ...data } })

function reasonsFor(
  events: readonly RunEvent[],
  where: Partial<Whereabouts> = {},
  status: RunState = 'running',
): readonly Reason[] {
  const timed = [...base, ...events].map((event, at): TimedEvent => ({ at, event }))
  const record = {
    id: 'run_1',
    tenant: 't',
    name: 'x',
    definition: workflow.hash,
    status,
    createdAt: 0,
    cost: toMicroFtns(0n),
  }
  const state = foldRun(workflow, timed)
  return explain({ record, state, events: timed, where: { ...here, ...where } }).reasons
}

describe('a run that stands still says why', () => {
  test.each<
    [Reason['kind'], readonly RunEvent[], Partial<Whereabouts>, Partial<Reason>, RunState?]
  >([
    ['ended', [{ kind: 'run.completed', data: { output: 1, cost: '0' } }], {}, {}, 'completed'],
    ['ended', failed, {}, { step: 'a', command: 'prsm resume run_1' }, 'failed'],
    [
      'poisoned',
      [
        started,
        {
          kind: 'step.failed',
          data: { step: 'a', error: { code: 'workflow.worker-lost', message: '5 were lost' } },
        },
        {
          kind: 'run.failed',
          data: { error: { code: 'workflow.worker-lost', message: '' }, cost: '0' },
        },
      ],
      {},
      { command: 'prsm debug run_1 --at a', message: expect.stringContaining('parked') as never },
      'failed',
    ],
    [
      'paused',
      [{ kind: 'run.paused', data: { reason: 'request', by: 'ann' } }],
      nobody,
      { message: 'it was paused by ann', since: 2 },
      'paused',
    ],
    [
      'budget',
      [{ kind: 'run.paused', data: { reason: 'budget', needed: '2000000' } }],
      nobody,
      { command: 'prsm resume run_1 --budget "2 FTNS"' },
      'paused',
    ],
    ['incident', [{ kind: 'run.paused', data: { reason: 'incident' } }], nobody, {}, 'paused'],
    [
      'incident',
      [
        started,
        { kind: 'step.failed', data: { step: 'a', error: unaffordable, cost: '500000' } },
        { kind: 'run.paused', data: { reason: 'incident' } },
      ],
      nobody,
      { message: 'too dear', command: 'prsm resume run_1 --budget "2 FTNS"' },
      'paused',
    ],
    ['scheduled', [], { ...nobody, wakeAt: 99_000 }, { dueAt: 99_000 }, 'scheduled'],
    [
      'unclaimed',
      [],
      { ...nobody, wakeAt: 4_000, workers: 0 },
      { since: 4_000, command: 'prsm worker' },
    ],
    ['unclaimed', [], { ...nobody, unread: 1, isOrphan: true }, {}],
    [
      'lost-worker',
      [],
      { leaseLeftMs: -3_000, workers: 0 },
      { message: expect.stringContaining('its lease ended 3.0s ago') as never },
    ],
    ['lost-worker', [], { leaseLeftMs: undefined }, {}],
    [
      'approval',
      [waits({ for: 'signal', signal: 'approval' })],
      nobody,
      {
        message: 'step "ask" asks for approval: sure?',
        command: 'prsm approve run_1 ask',
        since: 2,
      },
      'waiting',
    ],
    [
      'signal',
      [waits({ for: 'signal', signal: 'paid', dueAt: 90_000 })],
      nobody,
      { command: 'prsm signal run_1 paid --step ask', dueAt: 90_000 },
      'waiting',
    ],
    ['timer', [waits({ for: 'time', dueAt: 90_000 })], nobody, { dueAt: 90_000 }, 'waiting'],
    ['child', [waits({ for: 'run', child: 'run_2' })], {}, { command: 'prsm why run_2' }],
    [
      'retry',
      [started, { kind: 'step.retrying', data: { step: 'a', attempt: 1, error, dueAt: 70_000 } }],
      {},
      { error, dueAt: 70_000 },
    ],
    [
      'retry',
      [
        started,
        { kind: 'step.retrying', data: { step: 'a', attempt: 1, error: refused, dueAt: 70_000 } },
      ],
      {},
      { dueAt: 70_000, command: 'prsm breakers' },
    ],
    [
      'pass',
      [
        started,
        {
          kind: 'step.repeating',
          data: { step: 'a', pass: 1, output: 1, dueAt: 70_000, ms: 1 },
        },
      ],
      {},
      { dueAt: 70_000 },
    ],
    [
      'running',
      [started],
      {},
      { message: expect.stringContaining('worker work_1, whose lease has 9.0s left') as never },
    ],
    ['concurrency', [started], {}, {}],
    ['slot', [], {}, { message: expect.stringContaining('free slot of worker work_1') as never }],
    [
      'worker',
      [queued],
      {
        tasks: [
          {
            step: 'a',
            labels: ['gpu'],
            amounts: { gpu_units: 2 },
            owner: undefined,
            workersLost: 0,
            since: 1,
            able: 0,
          },
        ],
      },
      {
        message: expect.stringContaining(
          'gpu, 2 gpu_units: no worker that lives has that',
        ) as never,
        command: 'prsm worker --labels gpu --gpus 2',
      },
    ],
    ['undo', [{ kind: 'run.compensating', data: { units: 1 } }], {}, {}, 'compensating'],
    ['ending', [started, { kind: 'run.cancelling', data: { by: 'ann' } }], {}, {}, 'cancelling'],
  ])('%s', (kind, events, where, more, status) => {
    const reasons = reasonsFor(events, where, status)
    expect(reasons).toContainEqual(expect.objectContaining({ kind, ...more }))
  })
})
