import type { EpochMs } from '../../kernel/clock.ts'
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import { toMicroFtns } from '../../kernel/money.ts'
import { amountIn, errorIn, numberIn, type ProgressEvent, textIn } from '../event.ts'
import { readGraph, type StepGraph, type StepPlan } from '../graph.ts'
import type { StretchKind, UnitOutcome } from '../schema.ts'

import { unitName, type RunTrace, type Stretch, type UnitTrace } from './trace.ts'

/** A unit while the events are read. */
interface Draft {
  readonly plan: StepPlan
  readonly index: number | undefined
  readonly isUndo: boolean
  readonly readyAt: EpochMs
  readonly stretches: Stretch[]
  /** What it does since when; `undefined` once it has ended. */
  now: { readonly kind: StretchKind; readonly from: EpochMs } | undefined
  endedAt: EpochMs
  outcome: UnitOutcome
  attempts: number
  cost: bigint
  coreMs: number | undefined
  inputTokens: number
  outputTokens: number
  errorCode: string | undefined
  dueAt: EpochMs | undefined
}

interface Reading {
  readonly graph: StepGraph
  readonly drafts: Map<string, Draft>
  readonly counts: Map<string, number>
  readonly expandedAt: Map<string, EpochMs>
  /** When each step ended, as far as it did. */
  readonly ends: Map<string, EpochMs>
  /** Items that have ended, by step. */
  readonly ended: Map<string, number>
  readonly pauses: { readonly from: EpochMs; to: EpochMs | undefined }[]
  run: string
  startedAt: EpochMs | undefined
  endedAt: EpochMs | undefined
  at: EpochMs
}

/** Reads what happened in a run, up to `now`; events of a later version are left out. */
export function readTrace(
  definition: JsonObject,
  events: readonly ProgressEvent[],
  now?: EpochMs,
): RunTrace {
  const reading: Reading = {
    graph: readGraph(definition),
    drafts: new Map(),
    counts: new Map(),
    expandedAt: new Map(),
    ends: new Map(),
    ended: new Map(),
    pauses: [],
    run: '',
    startedAt: undefined,
    endedAt: undefined,
    at: 0,
  }
  for (const event of events) {
    reading.run = event.stream
    reading.at = Math.max(reading.at, event.at)
    READERS.get(event.kind)?.(reading, event)
  }
  const { graph, counts, run, startedAt } = reading
  const endedAt = reading.endedAt ?? Math.max(reading.at, now ?? 0)
  const units = [...reading.drafts.values()].map((draft) => toUnit(reading, draft, endedAt))
  return {
    run,
    workflow: graph.name,
    graph,
    startedAt,
    endedAt,
    hasEnded: reading.endedAt !== undefined,
    units: units.toSorted((a, b) => a.readyAt - b.readyAt || a.endedAt - b.endedAt),
    counts,
  }
}

type Reader = (reading: Reading, event: ProgressEvent) => void

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['run.started', (reading, { at }) => void (reading.startedAt ??= at)],
  ['run.paused', paused],
  ['run.resumed', resumed],
  // A run that had ended may be undone.
  ['run.compensating', (reading) => void (reading.endedAt = undefined)],
  ['run.completed', ended],
  ['run.failed', ended],
  ['run.cancelled', ended],
  ['step.skipped', skipped],
  ['step.expanded', expanded],
  ['step.started', (reading, event) => begun(reading, event, 'work')],
  ['step.waiting', (reading, event) => begun(reading, event, waitKind(event.data))],
  ['step.assigned', assigned],
  ['step.retrying', (reading, event) => left(reading, event, { now: 'retry', before: 'retry' })],
  ['step.repeating', (reading, event) => left(reading, event, { now: 'dependency' })],
  ['step.completed', (reading, event) => unitEnded(reading, event, 'completed')],
  ['step.failed', failed],
  ['undo.started', undoBegun],
  ['undo.retrying', (reading, event) => left(reading, event, { now: 'retry', before: 'retry' })],
  ['undo.completed', (reading, event) => unitEnded(reading, event, 'completed')],
  ['undo.failed', (reading, event) => unitEnded(reading, event, 'failed')],
])

function waitKind(data: JsonObject): StretchKind {
  const what = textIn(data, 'for')
  if (what === 'task') return 'resource'
  return what === 'time' || what === 'run' ? 'dependency' : 'approval'
}

function planIn({ graph }: Reading, data: JsonObject): StepPlan | undefined {
  return graph.plans[graph.places.get(textIn(data, 'step') ?? '') ?? -1]
}

function draftIn({ drafts }: Reading, { kind, data }: ProgressEvent): Draft | undefined {
  const [step = '', index] = [textIn(data, 'step'), numberIn(data, 'index')]
  return drafts.get(unitName({ step, index, isUndo: kind.startsWith('undo.') }))
}

function openDraft(
  reading: Reading,
  { kind, data }: ProgressEvent,
  readyAt: EpochMs,
): Draft | undefined {
  const plan = planIn(reading, data)
  if (plan === undefined) return undefined
  const [index, isUndo] = [numberIn(data, 'index'), kind.startsWith('undo.')]
  const draft: Draft = {
    plan,
    index,
    isUndo,
    readyAt,
    stretches: [],
    now: { kind: 'queue', from: readyAt },
    endedAt: readyAt,
    outcome: 'open',
    attempts: 0,
    cost: 0n,
    coreMs: undefined,
    inputTokens: 0,
    outputTokens: 0,
    errorCode: undefined,
    dueAt: undefined,
  }
  reading.drafts.set(unitName({ step: plan.name, index, isUndo }), draft)
  return draft
}

/** When everything that a step needs had ended, and its list was known. */
function readyTime(reading: Reading, { name, needs }: StepPlan, at: EpochMs): EpochMs {
  const expandedAt = reading.expandedAt.get(name)
  if (expandedAt !== undefined) return expandedAt
  const ends = needs.flatMap((need) => reading.ends.get(need) ?? [])
  return Math.min(at, Math.max(reading.startedAt ?? at, ...ends))
}

/** The present stretch ends; `as` says what it was after all. */
function close(draft: Draft, at: EpochMs, as?: StretchKind): void {
  const { now } = draft
  if (now !== undefined && at > now.from) {
    draft.stretches.push({ kind: as ?? now.kind, from: now.from, to: at })
  }
  draft.now = undefined
  draft.endedAt = Math.max(draft.endedAt, at)
}

function begun(reading: Reading, event: ProgressEvent, kind: StretchKind): void {
  const { data, at } = event
  const plan = planIn(reading, data)
  if (plan === undefined) return
  const before = draftIn(reading, event)
  const draft = before ?? openDraft(reading, event, readyTime(reading, plan, at))
  if (draft === undefined) return
  // A unit that had ended begins again when its run is resumed.
  draft.now ??= { kind: 'pause', from: draft.endedAt }
  close(draft, at)
  const answered = kind === 'approval' && plan.uses !== 'approval' ? 'dependency' : kind
  draft.now = { kind: answered, from: at }
  draft.outcome = 'open'
  draft.attempts += 1
  draft.dueAt = numberIn(data, 'dueAt')
  reading.ends.delete(plan.name)
}

/** A worker has taken what waited in the queue. */
function assigned(reading: Reading, event: ProgressEvent): void {
  const draft = draftIn(reading, event)
  if (draft?.now === undefined) return
  close(draft, event.at)
  draft.now = { kind: 'work', from: event.at }
}

function undoBegun(reading: Reading, event: ProgressEvent): void {
  const draft = draftIn(reading, event) ?? openDraft(reading, event, event.at)
  if (draft === undefined) return
  close(draft, event.at)
  draft.now = { kind: 'work', from: event.at }
  draft.attempts += 1
}

function left(
  reading: Reading,
  event: ProgressEvent,
  { now, before }: { readonly now: StretchKind; readonly before?: StretchKind },
): void {
  const draft = draftIn(reading, event)
  if (draft === undefined) return
  meter(draft, event.data)
  close(draft, event.at, before)
  draft.now = { kind: now, from: event.at }
  draft.dueAt = numberIn(event.data, 'dueAt')
}

function failed(reading: Reading, event: ProgressEvent): void {
  const isStopped = errorIn(event.data, 'error')?.code === 'workflow.aborted'
  const hasFallback = event.data['fallback'] !== undefined
  unitEnded(reading, event, hasFallback ? 'completed' : isStopped ? 'stopped' : 'failed')
}

function unitEnded(reading: Reading, event: ProgressEvent, outcome: UnitOutcome): void {
  const { data, at } = event
  const plan = planIn(reading, data)
  if (plan === undefined) return
  const draft = draftIn(reading, event) ?? openDraft(reading, event, readyTime(reading, plan, at))
  if (draft === undefined) return
  meter(draft, data)
  close(draft, at)
  draft.outcome = outcome
  if (draft.isUndo) return
  const count = (reading.ended.get(plan.name) ?? 0) + 1
  reading.ended.set(plan.name, count)
  const total = draft.index === undefined ? 1 : reading.counts.get(plan.name)
  if (total === undefined || count >= total) reading.ends.set(plan.name, at)
}

function meter(draft: Draft, data: JsonObject): void {
  draft.cost += amountIn(data, 'cost') ?? 0n
  draft.errorCode = errorIn(data, 'error')?.code ?? draft.errorCode
  const { usage } = data
  for (const used of Array.isArray(usage) ? usage : []) {
    if (!isJsonObject(used)) continue
    const coreMs = numberIn(used, 'coreMs')
    if (coreMs !== undefined) draft.coreMs = (draft.coreMs ?? 0) + coreMs
    draft.inputTokens += numberIn(used, 'inputTokens') ?? 0
    draft.outputTokens += numberIn(used, 'outputTokens') ?? 0
  }
}

function skipped(reading: Reading, event: ProgressEvent): void {
  const draft = openDraft(reading, event, event.at)
  if (draft === undefined) return
  draft.now = undefined
  draft.outcome = 'skipped'
  reading.ends.set(draft.plan.name, event.at)
}

function expanded(reading: Reading, { data, at }: ProgressEvent): void {
  const [step = '', count = 0] = [textIn(data, 'step'), numberIn(data, 'count')]
  reading.counts.set(step, count)
  reading.expandedAt.set(step, at)
  if (count === 0) reading.ends.set(step, at)
}

function paused(reading: Reading, { data, at }: ProgressEvent): void {
  reading.pauses.push({ from: at, to: undefined })
  if (data['reason'] !== 'interrupt') return
  for (const draft of reading.drafts.values()) {
    if (draft.now?.kind !== 'work') continue
    close(draft, at, 'retry')
    draft.now = { kind: 'pause', from: at }
  }
}

/** What ran in a worker that was lost is begun again: the time until then was for nothing. */
function resumed(reading: Reading, { at }: ProgressEvent): void {
  reading.endedAt = undefined
  const pause = reading.pauses.at(-1)
  const isTakeover = pause === undefined || pause.to !== undefined
  if (pause !== undefined) pause.to ??= at
  if (!isTakeover) return
  for (const draft of reading.drafts.values()) {
    if (draft.now?.kind !== 'work') continue
    close(draft, at, 'retry')
    draft.now = { kind: 'queue', from: at }
  }
}

function ended(reading: Reading, { at }: ProgressEvent): void {
  reading.endedAt = at
  for (const draft of reading.drafts.values()) {
    if (draft.now === undefined) continue
    close(draft, at)
    draft.outcome = 'stopped'
  }
}

function toUnit(reading: Reading, draft: Draft, until: EpochMs): UnitTrace {
  const { plan, now, cost, ...rest } = draft
  const open = now !== undefined && until > now.from ? [{ ...now, to: until }] : []
  const stretches = [...draft.stretches, ...open]
  return {
    step: plan.name,
    uses: plan.uses,
    index: rest.index,
    isUndo: rest.isUndo,
    readyAt: rest.readyAt,
    endedAt: now === undefined ? rest.endedAt : Math.max(rest.endedAt, until),
    outcome: rest.outcome,
    attempts: rest.attempts,
    errorCode: rest.errorCode,
    dueAt: rest.dueAt,
    coreMs: rest.coreMs,
    inputTokens: rest.inputTokens,
    outputTokens: rest.outputTokens,
    cost: toMicroFtns(cost),
    stretches: stretches.flatMap((stretch) => withoutPauses(stretch, reading.pauses)),
  }
}

/** What waited for a slot while the run stood still waited for the run. */
function withoutPauses(stretch: Stretch, pauses: Reading['pauses']): readonly Stretch[] {
  if (stretch.kind !== 'queue') return [stretch]
  let rest: readonly Stretch[] = [stretch]
  for (const { from, to = Number.POSITIVE_INFINITY } of pauses) {
    rest = rest.flatMap((part) => split(part, from, to))
  }
  return rest
}

function split(part: Stretch, from: EpochMs, to: EpochMs): readonly Stretch[] {
  const [start, end] = [Math.max(part.from, from), Math.min(part.to, to)]
  if (part.kind !== 'queue' || start >= end) return [part]
  const parts: Stretch[] = [
    { kind: 'queue', from: part.from, to: start },
    { kind: 'pause', from: start, to: end },
    { kind: 'queue', from: end, to: part.to },
  ]
  return parts.filter((each) => each.to > each.from)
}
