import type { EpochMs } from '../kernel/clock.ts'
import { parseDurationMs } from '../kernel/duration.ts'
import type { JsonObject } from '../kernel/json.ts'
import { formatFtns, type MicroFtns, parseFtns } from '../kernel/money.ts'

import type { CompiledWorkflow, QueuePlan } from './definition/compiled.ts'
import type { QueueOptions } from './definition/schema.ts'
import { RefusedError } from './errors.ts'
import { compileTemplate, type Template } from './expressions/template.ts'
import type { RunTerms, RunWindow } from './queue/schema.ts'
import { DEFAULT_TERMS } from './queue/task.ts'
import { nextOpening } from './queue/window.ts'

/** What settles how a run stands in the queue. */
export interface TermsRequest {
  readonly tenant: string
  readonly workflow: CompiledWorkflow
  /** What the request says; it goes before what the definition says. */
  readonly wanted: QueueOptions | undefined
  readonly inputs: JsonObject
  readonly now: EpochMs
}

/** How a run stands in the queue. */
export interface SettledTerms {
  /** Absent: like all others. */
  readonly terms?: RunTerms
  /** When its window opens, if that is not now. */
  readonly notBefore?: EpochMs
}

/**
 * How a run stands in the queue, as its request and its definition say.
 *
 * @throws {@link RefusedError} its window is open on no day.
 */
export async function settleQueueTerms(request: TermsRequest): Promise<SettledTerms> {
  const { tenant, inputs, now } = request
  const { priority, team, deadlineMs, window, key: template, limit } = merged(request)
  const parts = [priority, team, deadlineMs, window, template]
  if (parts.every((part) => part === undefined)) return {}
  const key = template === undefined ? undefined : await keyFor(template, inputs)
  const opening = window === undefined ? now : openingOf(window, now)
  return {
    terms: {
      priority: priority ?? DEFAULT_TERMS.priority,
      team: team ?? DEFAULT_TERMS.team,
      ...(deadlineMs !== undefined && { deadline: now + deadlineMs }),
      ...(window !== undefined && { window }),
      // Keys of different tenants are different keys.
      ...(key !== undefined && { key: `${tenant}:${key}`.slice(0, 200), limit }),
    },
    ...(opening > now && { notBefore: opening }),
  }
}

/** What the request says goes before what the definition says. */
function merged({ workflow: { queue }, wanted = {} }: TermsRequest): Omit<QueuePlan, 'maxCost'> {
  const { priority, team, deadline, window, key, limit } = wanted
  return {
    priority: priority ?? queue.priority,
    team: team ?? queue.team,
    deadlineMs: deadline === undefined ? queue.deadlineMs : parseDurationMs(deadline),
    window: window ?? queue.window,
    key: key === undefined ? queue.key : compileTemplate(key),
    limit: limit ?? queue.limit,
  }
}

async function keyFor(template: Template, inputs: JsonObject): Promise<string> {
  const value = await template.evaluate({ inputs })
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function openingOf(window: RunWindow, now: EpochMs): EpochMs {
  const opening = nextOpening(window, now)
  if (opening !== undefined) return opening
  throw new RefusedError({
    code: 'workflow.never-open',
    message: 'the window in which the run may begin is never open',
    hint: 'give it other hours or days',
  })
}

/** Refuses a run that is expected to cost more than whoever asks for it wants. */
export function checkMaxCost(
  { queue }: CompiledWorkflow,
  wanted: QueueOptions | undefined,
  expected: MicroFtns,
): void {
  const most = wanted?.maxCost === undefined ? queue.maxCost : parseFtns(wanted.maxCost)
  if (most === undefined || expected <= most) return
  throw new RefusedError({
    code: 'workflow.above-max-cost',
    message: `the run is expected to cost ${formatFtns(expected)}, more than ${formatFtns(most)}`,
    hint: 'raise "maxCost", or ask for less: prsm quote shows what costs how much',
  })
}
