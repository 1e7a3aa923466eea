import type { JsonObject } from '../../kernel/json.ts'
import { CONTROL_SIGNAL } from '../host/run-store.ts'
import { toPayload } from '../host/signals.ts'
import { decideControl } from '../machine/decide-control.ts'
import { matchesCode } from '../machine/outcome.ts'
import type { RunRecord } from '../schema.ts'

import { foldRun } from './fold.ts'
import type { HistoryParts } from './history-deps.ts'
import type { RedrivePage, RedriveRequest } from './schema.ts'

/** Failed runs of a tenant that are to go on. */
export interface Redrive extends RedriveRequest {
  readonly tenant: string
  readonly by: string
}

type Item = RedrivePage['items'][number]

/** Asks failed runs to go on from what is done; see `History.redrive`. */
export async function redrive(parts: HistoryParts, request: Redrive): Promise<RedrivePage> {
  const { tenant, name, before, limit = 50 } = request
  const found = await parts.deps.store.listRuns({
    tenant,
    status: 'failed',
    ...(name !== undefined && { name }),
    ...(before !== undefined && { before }),
    limit: limit + 1,
  })
  const page = found.slice(0, limit)
  const items: Item[] = []
  for (const record of page) {
    if (isMeant(record, request)) items.push(await redriveOne(parts, record, request))
  }
  const last = page.at(-1)
  return { items, ...(found.length > limit && last !== undefined && { next: last.id }) }
}

/** Runs that steps have begun go on with the run they belong to. */
function isMeant({ parent, endedAt = 0, error }: RunRecord, { since, code }: Redrive): boolean {
  if (parent !== undefined) return false
  if (since !== undefined && endedAt < since) return false
  return code === undefined || matchesCode(error?.code ?? '', code)
}

async function redriveOne(
  { deps, reader }: HistoryParts,
  record: RunRecord,
  { tenant, by, dryRun }: Redrive,
): Promise<Item> {
  const { id, name, error, endedAt = 0 } = record
  const base = { run: id, name, code: error?.code ?? '' }
  const { workflow, events } = await reader.read(tenant, id)
  const verdict = decideControl(foldRun(workflow, events), { action: 'resume', by })
  if (!verdict.ok) return { ...base, outcome: 'refused', reason: verdict.refusal.message }
  if (dryRun === true) return { ...base, outcome: 'would' }
  const payload: JsonObject | ReturnType<typeof toPayload> = toPayload({ action: 'resume', by })
  // Named by the failure: asked twice before a worker hears of it, the run goes on once.
  const letter = { id: `redrive:${id}:${endedAt}`, run: id, signal: CONTROL_SIGNAL, payload, by }
  await deps.store.send(letter)
  return { ...base, outcome: 'asked' }
}
