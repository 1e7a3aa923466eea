import { isDeepStrictEqual } from 'node:util'

import type { Json } from '../../src/kernel/json.ts'
import type { RunEvent } from '../../src/workflow/index.ts'

import { buildsOn, type Outcome, outcomeOf } from './outcome.ts'
import type { Played } from './play.ts'
import type { Stage } from './stage.ts'

/** What is judged. */
export interface Evidence extends Pick<Stage, 'platform'> {
  readonly played: readonly Played[]
  /** Keys under which steps have acted. */
  readonly acts: readonly string[]
  /** Credit before the first run, µFTNS. */
  readonly before: bigint
}

/** What was found. */
export interface Verdict {
  /** How runs, books and tables differ from what they must be. */
  readonly deviations: readonly string[]
  /** Histories of the runs that differ, an event a line. */
  readonly histories: ReadonlyMap<string, readonly string[]>
  /** Units begun again after their worker was lost. */
  readonly takenOver: number
  /** Acts beyond the first under one key that no try had failed before. */
  readonly actedAgain: number
}

interface EventRow {
  readonly stream: string
  readonly version: number
  readonly kind: RunEvent['kind']
  readonly data: {
    readonly step?: string
    readonly index?: number
    readonly [key: string]: Json | undefined
  }
}

interface RunRow {
  readonly id: string
  readonly parent: string | null
  readonly status: string
  readonly cost: bigint
  readonly error: { readonly code: string } | null
}

/** Compares what has become of runs with what undisturbed ones come to. */
export async function judge({ platform, played, acts, before }: Evidence): Promise<Verdict> {
  const { database } = platform.database
  const runs = await database.query<RunRow>({
    text: 'select id, parent, status, cost, error from runs',
  })
  const events = groupBy(
    await database.query<EventRow>({
      text: 'select stream, version, kind, data from events order by stream, version',
    }),
    ({ stream }) => stream,
  )
  const byId = new Map(runs.map((run) => [run.id, run]))
  const children = groupBy(
    runs.filter(({ parent }) => parent !== null),
    ({ parent }) => parent ?? '',
  )
  const actsOf = groupBy(acts, (key) => key.slice(0, key.indexOf('/')))
  const deviations: string[] = []
  for (const { id, graph } of played) {
    const expected = outcomeOf(graph)
    const found = outcomeFrom({ run: byId.get(id), events: events.get(id) ?? [] })
    const keys = namesOf(actsOf.get(id) ?? [])
    const born = (children.get(id) ?? []).map((child) => ({
      cost: child.cost,
      status: child.status,
      acts: namesOf(actsOf.get(child.id) ?? []),
    }))
    const wanted = {
      ...expected,
      children: expected.children.map((cost) => ({ cost, status: 'completed', acts: ['c'] })),
    }
    const seen = {
      ...found,
      acts: keys,
      children: born.toSorted((a, b) => Number(a.cost - b.cost)),
    }
    for (const [name, value] of Object.entries(wanted)) {
      const other = seen[name as keyof typeof seen]
      if (!isDeepStrictEqual(value, other))
        deviations.push(`${id}: ${name} is ${show(other)} instead of ${show(value)}`)
    }
    deviations.push(...orderOf(id, graph, events.get(id) ?? []))
  }
  for (const [stream, history] of events) deviations.push(...brokenHistory(stream, history))
  deviations.push(...(await brokenBooks(platform, { runs, before })))
  const all = [...events.values()].flat()
  return {
    deviations,
    histories: new Map(
      [...events]
        .filter(([id]) => deviations.some((deviation) => deviation.startsWith(id)))
        .map(([id, history]) => [id, history.map(lineOf)]),
    ),
    takenOver: all.filter(
      ({ kind, data }) => kind === 'run.resumed' && data['reason'] === 'takeover',
    ).length,
    actedAgain: acts.length - new Set(acts).size - failures(all),
  }
}

function lineOf({ version, kind, data }: EventRow): string {
  return `${version} ${kind} ${JSON.stringify(data).slice(0, 300)}`
}

function failures(events: readonly EventRow[]): number {
  return events.filter(({ kind }) => kind === 'step.retrying' || kind === 'undo.retrying').length
}

type Seen = Omit<Outcome, 'acts' | 'children' | 'status'> & { readonly status: string }

function outcomeFrom({
  run,
  events,
}: {
  readonly run: RunRow | undefined
  readonly events: readonly EventRow[]
}): Seen {
  const last = events.at(-1)
  return {
    status: run?.status ?? 'lost',
    output: last?.kind === 'run.completed' ? last.data['output'] : undefined,
    error: run?.error?.code,
    cost: run?.cost ?? 0n,
    completed: unitsOf(events, 'step.completed').toSorted(),
    undone: unitsOf(events, 'undo.completed').toSorted(),
  }
}

function unitsOf(events: readonly EventRow[], wanted: RunEvent['kind']): readonly string[] {
  return events.flatMap(({ kind, data: { step = '', index } }) =>
    kind === wanted ? [index === undefined ? step : `${step}[${index}]`] : [],
  )
}

/** Names of effects, each once: a try that was cut off has acted before it acts again. */
function namesOf(keys: readonly string[]): readonly string[] {
  return [...new Set(keys.map((key) => key.slice(key.indexOf('/') + 1)))].toSorted()
}

/** What builds on a step is undone before it. */
function orderOf(
  id: string,
  graph: Played['graph'],
  events: readonly EventRow[],
): readonly string[] {
  const undone = events.flatMap(({ kind, data: { step = '' } }) =>
    kind === 'undo.completed' ? [step] : [],
  )
  return undone.flatMap((later, at) =>
    undone
      .slice(0, at)
      .filter((earlier) => buildsOn(graph, later, earlier))
      .map((earlier) => `${id}: ${earlier} is undone before ${later}, which builds on it`),
  )
}

const ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled'])

function brokenHistory(stream: string, events: readonly EventRow[]): readonly string[] {
  const broken: string[] = []
  for (const [place, { version, kind }] of events.entries()) {
    if (version !== place + 1) broken.push(`${stream}: event ${place + 1} has version ${version}`)
    if (ENDS.has(kind) && place < events.length - 1)
      broken.push(`${stream}: ${events.length - 1 - place} events follow ${kind}`)
  }
  return broken
}

async function brokenBooks(
  { ledger, database: { database } }: Stage['platform'],
  { runs, before }: { readonly runs: readonly RunRow[]; readonly before: bigint },
): Promise<readonly string[]> {
  const broken: string[] = []
  const spent = runs
    .filter(({ parent }) => parent === null)
    .reduce((total, { cost }) => total + cost, 0n)
  const paid = before - ((await ledger.findBalance('default'))?.available ?? 0n)
  if (paid !== spent) broken.push(`${paid} µFTNS were paid for runs that cost ${spent}`)
  const { difference, mismatched } = await ledger.check()
  if (difference !== 0n || mismatched.length > 0)
    broken.push(`the books differ by ${difference}, in ${mismatched.length} accounts`)
  for (const [what, from] of Object.entries(LEFTOVERS)) {
    const [row] = await database.query<{ n: number }>({
      text: `select count(*)::int as n from ${from}`,
    })
    if (row?.n !== 0) broken.push(`${row?.n ?? 0} ${what}`)
  }
  const gaps = await database.query<{ tenant: string }>({
    text: `select h.tenant from journal_heads h
      where h.seq <> (select count(*) from events e where e.tenant = h.tenant)`,
  })
  for (const { tenant } of gaps) broken.push(`the sequence of ${tenant} has gaps`)
  return broken
}

/** Rows that must not be left when every run has ended. */
const LEFTOVERS: Readonly<Record<string, string>> = {
  'open holds': 'holds where is_open',
  'runs not ended': 'runs where ended_ms is null',
  'runs that somebody holds': 'runs where owner is not null or wake_ms is not null',
  'signals nobody has answered': 'signals',
  'queued units not ended': 'tasks where ended_ms is null',
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? part.toString() : part,
  )
}
