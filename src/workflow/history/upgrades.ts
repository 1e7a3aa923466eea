import type { Json, JsonObject } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { RefusedError } from '../errors.ts'
import { CONTROL_SIGNAL } from '../host/run-store.ts'
import { toUpgradePayload } from '../host/signals.ts'
import type { RunRecord, RunState } from '../schema.ts'

import type { HistoryParts } from './history-deps.ts'
import type { RunUpgradeCheck, RunUpgradePage, RunUpgradeReport } from './schema.ts'
import { planUpgrade, type UpgradePlan } from './upgrade.ts'

/** A definition to be held against runs of a tenant. */
export interface UpgradeCheck extends RunUpgradeCheck {
  readonly tenant: string
}

/** A run to go on under another definition. */
export interface UpgradeOrder {
  readonly tenant: string
  readonly run: string
  readonly definition: Json
  readonly by: string
}

/** States in which a run is not over. */
const UNFINISHED: ReadonlySet<RunState> = new Set([
  'scheduled',
  'queued',
  'running',
  'waiting',
  'paused',
  'cancelling',
  'compensating',
])

/** Says for each unfinished run of a page what the definition would mean to it. */
export async function checkUpgrades(
  parts: HistoryParts,
  { tenant, definition, run, name, before, limit = 50 }: UpgradeCheck,
): Promise<RunUpgradePage> {
  const next = parts.cache.compile(definition)
  if (run !== undefined) {
    const record = await parts.reader.record(tenant, run)
    return { items: [(await planFor(parts, record, next)).report] }
  }
  const { store } = parts.deps
  const range = { tenant, name: name ?? next.name, ...(before !== undefined && { before }) }
  const found = await store.listRuns({ ...range, limit: limit + 1 })
  const page = found.slice(0, limit)
  const items: RunUpgradeReport[] = []
  for (const record of page) {
    if (!UNFINISHED.has(record.status)) continue
    items.push((await planFor(parts, record, next)).report)
  }
  const last = page.at(-1)
  return { items, ...(found.length > limit && last !== undefined && { next: last.id }) }
}

/** Asks a run to go on under another definition; see `History.upgrade`. */
export async function upgrade(
  parts: HistoryParts,
  { tenant, run, definition, by }: UpgradeOrder,
): Promise<RunRecord> {
  const { deps, cache, reader } = parts
  const next = cache.compile(definition)
  const record = await reader.record(tenant, run)
  const { report, version, without, inputs } = await planFor(parts, record, next)
  if (report.verdict === 'same') return record
  if (report.verdict !== 'compatible' || !canUpgrade(record)) throw refusalOf(report)
  if (!cache.isSaved(tenant, next.hash)) await cache.save(tenant, next, definition)
  const payload = toUpgradePayload({
    action: 'upgrade',
    by,
    definition: next.hash,
    version,
    without,
    ...(inputs !== undefined && { inputs }),
  })
  await deps.store.send({ id: deps.ids.next('sig'), run, signal: CONTROL_SIGNAL, payload, by })
  return reader.record(tenant, run)
}

function canUpgrade({ status }: RunRecord): boolean {
  return UNFINISHED.has(status) || status === 'failed'
}

function refusalOf({ run, status, verdict, problems }: RunUpgradeReport): RefusedError {
  if (verdict === 'busy') {
    return new RefusedError({
      code: 'workflow.not-possible',
      message: `run ${run} works: its definition can change while it is paused or waits`,
      hint: `prsm pause ${run}`,
      details: { run, status, action: 'upgrade' },
    })
  }
  const [first] = problems
  return new RefusedError({
    code: 'workflow.incompatible',
    message:
      first === undefined
        ? `run ${run} is ${status}: it cannot be upgraded`
        : `run ${run} does not fit the definition: ${first.message}`,
    hint: 'name what is new with "since" and what goes with "until", or fork the run',
    details: { run, problems: problems.map((problem): JsonObject => toDetails(problem)) },
  })
}

function toDetails({ code, message, step }: RunUpgradeReport['problems'][number]): JsonObject {
  return { code, message, ...(step !== undefined && { step }) }
}

async function planFor(
  { reader, deps }: HistoryParts,
  record: RunRecord,
  next: CompiledWorkflow,
): Promise<UpgradePlan> {
  const current = await reader.workflow(record.definition)
  const events = await deps.store.readEvents(record.id)
  const [created] = events
  const bornAs =
    created?.event.kind === 'run.created' ? created.event.data.definition : record.definition
  const born = bornAs === record.definition ? current : await reader.workflow(bornAs)
  return planUpgrade({ record, born, current, next, events })
}
