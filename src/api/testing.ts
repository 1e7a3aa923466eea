import type { Access } from '../access/index.ts'
import { deferred } from '../kernel/deferred.ts'
import { createIds } from '../kernel/ids.ts'
import type { Journal, JournalEvent, StoredEvent } from '../kernel/journal.ts'
import { silentLog } from '../kernel/log.ts'
import { toMicroFtns } from '../kernel/money.ts'
import { createSeededRandom } from '../kernel/random.ts'
import { createManualClock } from '../kernel/testing.ts'
import { UnknownWorkflowError } from '../library/index.ts'
import { UnknownAlertError, UnknownSlaError } from '../progress/index.ts'
import {
  type Chunk,
  type ChunkStore,
  type History,
  type Rollbacks,
  UnknownIncidentError,
  type Queue,
  type RunRecord,
  type Schedules,
  UnknownRunError,
  UnknownScheduleError,
  UnknownWorkerError,
} from '../workflow/index.ts'

import type { ApiDeps, ApiWorkflows } from './deps.ts'
import { createMemoryIdempotencyStore } from './idempotency/testing.ts'

/** A journal in memory, and how events get into it. */
export interface MemoryJournal extends Journal {
  /** Adds an event behind the last one of its stream. */
  append(event: Pick<JournalEvent, 'tenant' | 'stream' | 'kind'> & Partial<JournalEvent>): void
  /** Makes everybody who follows fail. */
  fail(fault: Error): void
  /** Followers there are now. */
  readonly followers: number
  /** Reads there have been. */
  readonly reads: number
}

/** A journal in memory; for tests. */
export function createMemoryJournal(): MemoryJournal {
  const events: StoredEvent[] = []
  let [followers, reads] = [0, 0]
  let news = deferred()
  let failure: Error | undefined
  const wake = (): void => {
    const last = news
    news = deferred()
    last.resolve()
  }
  const read: Journal['read'] = async (range, limit) => {
    reads += 1
    const isIn = (event: StoredEvent): boolean =>
      'stream' in range
        ? event.stream === range.stream && event.version > range.afterVersion
        : event.tenant === range.tenant && event.seq > range.afterSeq
    return events.filter(isIn).slice(0, limit)
  }
  return {
    append(event) {
      const seq = events.filter(({ tenant }) => tenant === event.tenant).length + 1
      const version = events.filter(({ stream }) => stream === event.stream).length + 1
      events.push({ at: 1, data: {}, ...event, seq, version })
      wake()
    },
    fail(fault) {
      failure = fault
      wake()
    },
    read,
    async *follow(range, signal) {
      followers += 1
      signal.addEventListener('abort', wake)
      try {
        let from = range
        while (!signal.aborted) {
          const next = news.promise
          if (failure !== undefined) throw failure
          const page = await read(from, 3)
          for (const event of page) {
            yield event
            from =
              'stream' in from
                ? { ...from, afterVersion: event.version }
                : { ...from, afterSeq: event.seq }
          }
          if (page.length === 0) await next
        }
      } finally {
        followers -= 1
      }
    },
    get followers() {
      return followers
    },
    get reads() {
      return reads
    },
  }
}

/** Text in memory, and how pieces get into it. */
export interface MemoryChunks extends Pick<ChunkStore, 'read' | 'follow'> {
  /** Adds a piece behind the last one of its run. */
  append(run: string, piece: Omit<Chunk, 'seq'>): void
  /** Makes a unit's earlier attempts void. */
  void(run: string, before: Pick<Chunk, 'step' | 'attempt'>): void
  /** Followers there are now. */
  readonly followers: number
}

/** Text in memory; for tests. */
export function createMemoryChunks(): MemoryChunks {
  const runs = new Map<string, { last: number; chunks: Chunk[] }>()
  let followers = 0
  let news = deferred()
  const of = (run: string): { last: number; chunks: Chunk[] } => {
    const known = runs.get(run) ?? { last: 0, chunks: [] }
    runs.set(run, known)
    return known
  }
  const read: ChunkStore['read'] = async ({ run, after, step, index }, limit) =>
    of(run)
      .chunks.filter(
        (chunk) =>
          chunk.seq > after &&
          (step === undefined || chunk.step === step) &&
          (index === undefined || chunk.index === index),
      )
      .slice(0, limit)
  return {
    append(run, piece) {
      const known = of(run)
      known.chunks.push({ seq: ++known.last, ...piece })
      const last = news
      news = deferred()
      last.resolve()
    },
    void(run, { step, attempt }) {
      const known = of(run)
      known.chunks = known.chunks.filter((each) => each.step !== step || each.attempt >= attempt)
    },
    read,
    async *follow(run, after, signal) {
      followers += 1
      signal.addEventListener('abort', () => news.resolve())
      try {
        for (let position = after; !signal.aborted;) {
          const next = news.promise
          const page = await read({ run, after: position }, 2)
          for (const chunk of page) {
            yield chunk
            position = chunk.seq
          }
          if (page.length === 0) await next
        }
      } finally {
        followers -= 1
      }
    },
    get followers() {
      return followers
    },
  }
}

/** Workflows that only remember what they were asked. */
export interface MemoryWorkflows extends ApiWorkflows {
  readonly runs: Map<string, RunRecord>
  readonly signals: Parameters<ApiWorkflows['signal']>[0][]
}

/** Runs in memory, which nobody executes; for tests. */
export function createMemoryWorkflows(): MemoryWorkflows {
  const ids = createIds({ clock: createManualClock(), random: createSeededRandom(1) })
  const runs = new Map<string, RunRecord>()
  const signals: MemoryWorkflows['signals'] = []
  const getRun: ApiWorkflows['getRun'] = async (tenant, id) => {
    const run = runs.get(id)
    if (run?.tenant !== tenant) throw new UnknownRunError(id)
    return run
  }
  return {
    runs,
    signals,
    check: (text) => ({
      ok: false,
      refusal: [{ code: 'workflow.syntax', message: text, path: '', line: 1, column: 2 }],
    }),
    quote: async () => ({
      workflow: 'memory',
      expected: toMicroFtns(1n),
      budget: toMicroFtns(3n),
      lines: [],
      assumptions: [],
    }),
    async submit({ tenant, id = ids.next('run') }) {
      const run: RunRecord = runs.get(id) ?? {
        id,
        tenant,
        name: 'memory',
        definition: 'sha256:0',
        status: 'running',
        createdAt: 1,
        cost: toMicroFtns(0n),
      }
      runs.set(id, run)
      return run
    },
    getRun,
    listRuns: async ({ limit, before }) =>
      [...runs.values()]
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .filter(({ id }) => before === undefined || id < before)
        .slice(0, limit),
    getDefinition: async () => ({}),
    control: (tenant, id) => getRun(tenant, id),
    signal: async (request) => void signals.push(request),
  }
}

/** A queue in which nothing waits, without workers; for tests. */
function createEmptyQueue(): Queue {
  return {
    list: async () => [],
    workers: async () => [],
    setDraining: (worker) => Promise.reject(new UnknownWorkerError(worker)),
    pools: async () => [],
    load: async () => ({
      queued: 0,
      running: 0,
      oldestQueuedMs: 0,
      workers: 0,
      wantedWorkers: 0,
      unservable: 0,
    }),
    limits: async () => [],
    setLimit: async () => undefined,
    shares: async () => [],
    setShare: async () => undefined,
  }
}

const unknownThing = async (): Promise<never> => {
  throw new UnknownWorkflowError('anything')
}

/** A library in which there is nothing; for tests. */
const emptyLibrary: ApiDeps['library'] = {
  save: unknownThing,
  list: async () => [],
  get: unknownThing,
  remove: unknownThing,
  listVersions: unknownThing,
  getVersion: unknownThing,
  outline: unknownThing,
  diff: unknownThing,
  restore: unknownThing,
  tag: unknownThing,
  untag: unknownThing,
  setArchived: unknownThing,
  share: unknownThing,
  fork: unknownThing,
  buy: unknownThing,
  prune: unknownThing,
  usage: unknownThing,
  checkUpgrade: unknownThing,
  findRunnable: unknownThing,
  pin: unknownThing,
  definitionOfRun: async () => ({}),
}

const noTemplates: ApiDeps['templates'] = {
  create: unknownThing,
  list: async () => [],
  get: unknownThing,
  use: unknownThing,
  fork: unknownThing,
  rate: unknownThing,
  remove: unknownThing,
}

/** No schedules at all. */
function createNoSchedules(): Schedules {
  const noSchedule = async (): Promise<never> => {
    throw new UnknownScheduleError('none')
  }
  return {
    create: noSchedule,
    update: noSchedule,
    get: noSchedule,
    list: async () => [],
    listVersions: noSchedule,
    listFires: noSchedule,
    pause: noSchedule,
    resume: noSchedule,
    trigger: noSchedule,
    backfill: noSchedule,
    remove: noSchedule,
    next: noSchedule,
    preview: () => ({ zone: 'UTC', fires: [] }),
    deliver: noSchedule,
  }
}

/** Progress of which nothing is known and nothing is promised; for tests. */
function createEmptyProgress(): ApiDeps['progress'] {
  const nothing = { run: 'run_1', workflow: 'memory' }
  return {
    progress: async () => ({
      ...nothing,
      state: 'not_started',
      status: 'queued',
      percent: 0,
      elapsedMs: 0,
      slow: [],
      steps: [],
    }),
    timeline: async () => ({ ...nothing, endedAt: 0, hasEnded: false, units: [] }),
    bottlenecks: async () => ({
      ...nothing,
      totalMs: 0,
      hostMs: 0,
      byKind: {},
      path: [],
      steps: [],
      recommendations: [],
    }),
    trace: async () => ({}),
    stats: async ({ since }) => ({
      since,
      until: since,
      runs: 0,
      isPartial: false,
      metrics: { throughput: 0, cost: { total: toMicroFtns(0n), mean: toMicroFtns(0n) } },
      errors: [],
      steps: [],
      trends: [],
    }),
    setSla: async (_tenant, terms) => ({ ...terms, setAt: 0 }),
    listSlas: async () => [],
    async removeSla(_tenant, workflow) {
      throw new UnknownSlaError(workflow)
    },
    reportSlas: async ({ since }) => ({ since, until: since, workflows: [] }),
    listAlerts: async () => [],
    async markAlert({ id }) {
      throw new UnknownAlertError(id)
    },
  }
}

/** A history of no runs at all; for tests. */
function createMemoryHistory(): History {
  const noRun = async (run: string): Promise<never> => {
    throw new UnknownRunError(run)
  }
  return {
    momentAt: (_, run) => noRun(run),
    verify: (_, run) => noRun(run),
    explain: (_, run) => noRun(run),
    planFork: ({ run }) => noRun(run),
    fork: ({ run }) => noRun(run),
    checkUpgrades: async () => ({ items: [] }),
    upgrade: ({ run }) => noRun(run),
    redrive: async () => ({ items: [] }),
  }
}

/** Rollbacks of which there are none; for tests. */
function createNoRollbacks(): Rollbacks {
  const unknownRun = (_tenant: string, run: string): Promise<never> =>
    Promise.reject(new UnknownRunError(run))
  const unknownIncident = (_tenant: string, id: string): Promise<never> =>
    Promise.reject(new UnknownIncidentError(id))
  return {
    plan: unknownRun,
    rollBack: unknownRun,
    resolve: unknownRun,
    listIncidents: async () => [],
    getIncident: unknownIncident,
    closeIncident: unknownIncident,
  }
}

const noBundles: ApiDeps['bundles'] = {
  export: unknownThing,
  import: unknownThing,
  listSigners: async () => [],
  trust: unknownThing,
  distrust: unknownThing,
}

/** A vault that keeps nothing. */
function createEmptyVault(): ApiDeps['vault'] {
  const record = (name: string): Awaited<ReturnType<ApiDeps['vault']['setSecret']>> => ({
    name,
    createdAt: 1,
    changedAt: 1,
    key: 'seal_0',
  })
  return {
    setSecret: async (_, { name }) => record(name),
    listSecrets: async () => [],
    removeSecret: async (_, name) => record(name),
    rotate: async () => ({ key: 'seal_0', isNew: true, rewrapped: 0 }),
  }
}

/** Everything an API needs, in memory; `more` replaces parts of it. */
export function createMemoryDeps(access: Access, more: Partial<ApiDeps> = {}): ApiDeps {
  const clock = createManualClock()
  return {
    workflows: createMemoryWorkflows(),
    queue: createEmptyQueue(),
    breakers: { list: async () => [], reset: async () => [] },
    library: emptyLibrary,
    templates: noTemplates,
    schedules: createNoSchedules(),
    history: createMemoryHistory(),
    rollbacks: createNoRollbacks(),
    bundles: noBundles,
    ledger: { findBalance: async () => undefined, listTransfers: async () => [] },
    journal: createMemoryJournal(),
    chunks: createMemoryChunks(),
    progress: createEmptyProgress(),
    pricing: { list: { models: [], cpuCoreHour: toMicroFtns(0n) } },
    models: { listProviders: () => [], resolve: () => 'builtin', defaultNotice: () => undefined },
    access,
    vault: createEmptyVault(),
    kinds: new Map(),
    runFiles: { list: async () => [], open: async () => undefined },
    idempotency: createMemoryIdempotencyStore(),
    ping: async () => undefined,
    clock,
    ids: createIds({ clock, random: createSeededRandom(2) }),
    log: silentLog,
    version: '0.0.0',
    auth: { kind: 'trusted', tenant: 'acme' },
    ...more,
  }
}
