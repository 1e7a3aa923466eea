import type { Clock } from '../kernel/clock.ts'
import type { StoredEvent } from '../kernel/journal.ts'
import type { JsonObject } from '../kernel/json.ts'

import { amountIn, errorIn, textIn } from './event.ts'
import { readEvents, type RunSource } from './load-run.ts'
import { type RunOutcome, summarise } from './metrics/summary.ts'
import type { Sla } from './schema.ts'
import type { ProgressStore, Recorded } from './store/store.ts'
import { readTrace } from './trace/read-trace.ts'
import { findEnded } from './watch/judge.ts'

/** What the recorder works with. */
export interface RecorderDeps extends RunSource {
  readonly store: Pick<ProgressStore, 'position' | 'record' | 'listSlas'>
  readonly clock: Clock
}

/** Reads the journal of tenants into the store. */
export interface Recorder {
  /**
   * Records what the journal of a tenant has that is not recorded yet.
   *
   * @remarks Calls for one tenant at a time follow one another; of several processes each part of
   * the journal is recorded by one. Crash: a part is recorded with its place, or not at all.
   * @param most - events after which it stops. @defaultValue all
   */
  catchUp(tenant: string, most?: number): Promise<void>
}

const PAGE = 1_000
/** Events of runs that are going on, kept while the journal is read, so that they are read once. */
const MOST_KEPT = 100_000
/** Definitions that are kept while the journal is read. */
const MOST_DEFINITIONS = 100

/** Builds the recorder of a process. */
export function createRecorder(deps: RecorderDeps): Recorder {
  const busy = new Map<string, Promise<void>>()
  return {
    async catchUp(tenant, most = Number.POSITIVE_INFINITY) {
      const before = busy.get(tenant) ?? Promise.resolve()
      // The fault of a call before is that call's.
      const work = before.then(
        () => readOn(deps, tenant, most),
        () => readOn(deps, tenant, most),
      )
      busy.set(tenant, work)
      try {
        await work
      } finally {
        if (busy.get(tenant) === work) busy.delete(tenant)
      }
    },
  }
}

interface Reading {
  readonly tenant: string
  readonly slas: readonly Sla[]
  readonly events: Map<string, StoredEvent[]>
  readonly definitions: Map<string, JsonObject | undefined>
  kept: number
}

async function readOn(deps: RecorderDeps, tenant: string, most: number): Promise<void> {
  const { store, journal } = deps
  const slas = await store.listSlas(tenant)
  const reading: Reading = { tenant, slas, events: new Map(), definitions: new Map(), kept: 0 }
  for (let seen = 0; seen < most;) {
    const from = await store.position(tenant)
    const page = await journal.read({ tenant, afterSeq: from }, PAGE)
    const last = page.at(-1)
    if (last === undefined) return
    const recorded = await toRecorded(deps, reading, { page, from, to: last.seq })
    // When another process was faster, what it recorded is left out, and reading goes on behind it.
    await store.record(recorded)
    if (page.length < PAGE) return
    seen += page.length
  }
}

interface Page {
  readonly page: readonly StoredEvent[]
  readonly from: number
  readonly to: number
}

async function toRecorded(
  deps: RecorderDeps,
  reading: Reading,
  { page, from, to }: Page,
): Promise<Recorded> {
  const { tenant, slas } = reading
  const opened = new Map<string, Recorded['opened'][number]>()
  const ends = new Map<string, StoredEvent>()
  for (const event of page) {
    keep(reading, event)
    const { kind, stream, at, data } = event
    if (kind === 'run.created') {
      opened.set(stream, { run: stream, workflow: textIn(data, 'name') ?? '', at })
    } else if (kind === 'run.resumed' && data['reason'] === 'redrive') {
      ends.delete(stream)
      if (!opened.has(stream)) opened.set(stream, { run: stream, workflow: '', at })
    } else if (OUTCOMES.has(kind)) ends.set(stream, event)
  }
  const ended: Recorded['ended'][number][] = []
  for (const end of ends.values()) {
    const summary = await summaryOf(deps, reading, end)
    if (summary !== undefined) ended.push(summary)
  }
  const findings = ended.flatMap(({ run }) =>
    slas
      .filter(({ workflow, setAt }) => workflow === run.workflow && setAt <= run.endedAt)
      .flatMap((sla) => findEnded(sla, run)),
  )
  const at = deps.clock.now()
  return { tenant, from, to, opened: [...opened.values()], ended, findings, at }
}

const OUTCOMES: ReadonlyMap<string, RunOutcome> = new Map([
  ['run.completed', 'completed'],
  ['run.failed', 'failed'],
  ['run.cancelled', 'cancelled'],
])

/** Keeps the events of runs whose beginning was seen. */
function keep(reading: Reading, event: StoredEvent): void {
  const { events } = reading
  const list = events.get(event.stream)
  if (list !== undefined) list.push(event)
  else if (event.kind === 'run.created') events.set(event.stream, [event])
  else return
  reading.kept += 1
  if (reading.kept > MOST_KEPT) {
    events.clear()
    reading.kept = 0
  }
}

async function summaryOf(
  deps: RecorderDeps,
  reading: Reading,
  end: StoredEvent,
): Promise<Recorded['ended'][number] | undefined> {
  const run = end.stream
  const kept = reading.events.get(run)
  reading.events.delete(run)
  reading.kept -= kept?.length ?? 0
  const all = kept ?? (await readEvents(deps, run))
  const events = all.filter(({ version }) => version <= end.version)
  const [first] = events
  const outcome = OUTCOMES.get(end.kind)
  if (first === undefined || outcome === undefined) return undefined
  const definition = await definitionOf(deps, reading, first)
  if (definition === undefined) return undefined
  const trace = readTrace(definition, events)
  return summarise(
    { ...trace, workflow: textIn(first.data, 'name') ?? trace.workflow },
    {
      outcome,
      createdAt: first.at,
      cost: amountIn(end.data, 'cost') ?? 0n,
      errorCode: errorIn(end.data, 'error')?.code,
    },
  )
}

async function definitionOf(
  { definitionOf: find }: RecorderDeps,
  { definitions, tenant }: Reading,
  { stream, data }: StoredEvent,
): Promise<JsonObject | undefined> {
  const digest = textIn(data, 'definition') ?? stream
  if (definitions.has(digest)) return definitions.get(digest)
  const found = await find(tenant, stream)
  if (definitions.size >= MOST_DEFINITIONS) definitions.clear()
  definitions.set(digest, found)
  return found
}
