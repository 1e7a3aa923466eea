import type { EpochMs } from '../../kernel/clock.ts'
import type { Id } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { InvalidInputsError, SensitiveValueError } from '../errors.ts'

import { beginAt } from './change.ts'
import { checkSpec, firstCursor } from './check-spec.ts'
import type { SchedulesDeps } from './deps.ts'
import { NeverFiresError, ScheduleExistsError, StaleScheduleError } from './errors.ts'
import type { CreatedSchedule, NewSchedule, ScheduleSpec, ScheduleUpdate } from './schema.ts'
import { type ScheduleState, toSchedule } from './state.ts'
import { commitTurn } from './take-turn.ts'
import { isSpent, isTimed, openTurn, type Turn } from './turn.ts'
import { createHookSecret, hashHookSecret } from './webhook.ts'

/** A schedule to be made. */
export interface ScheduleDraft extends NewSchedule {
  readonly tenant: string
  readonly by: string
  /** Names the schedule: one of this id that exists already is given back, and none is made. */
  readonly id?: Id<'sch'>
}

/** Makes a schedule; see `Schedules.create`. */
export async function createSchedule(
  deps: SchedulesDeps,
  draft: ScheduleDraft,
): Promise<CreatedSchedule> {
  const { store, clock, ids } = deps
  const { tenant, name, definition, spec } = draft
  const id = draft.id ?? ids.next('sch')
  const now = clock.now()
  const workflow = await checkVersion(deps, { tenant, definition, spec, now })
  const known = await store.find(tenant, name)
  if (known?.state.id === id) return { schedule: toSchedule(known.state, known.waiting) }
  if (known !== undefined) throw new ScheduleExistsError(name)
  const turn = openTurn(blankState({ id, tenant, name, spec, now, workflow }), [], now)
  const head = await store.headOf(tenant)
  const hook = setVersion(deps, turn, { workflow, spec, by: draft.by, head })
  try {
    await commitTurn(store, turn)
  } catch (fault) {
    if (fault instanceof StaleScheduleError) throw new ScheduleExistsError(name)
    throw fault
  }
  await deps.starter.follow(turn)
  return { schedule: toSchedule(turn.state, 0), ...(hook !== undefined && { hook }) }
}

interface Blank extends Pick<NewVersion, 'workflow' | 'spec'> {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly now: EpochMs
}

function blankState({ id, tenant, name, spec, now, workflow }: Blank): ScheduleState {
  return {
    id,
    tenant,
    name,
    spec,
    createdAt: now,
    version: 0,
    revision: 0,
    status: 'active',
    workflow: workflow.name,
    definition: workflow.hash,
    setAt: now,
    updatedAt: now,
    cursor: now,
    seq: 0,
    fires: 0,
    missed: 0,
    skipped: 0,
    parked: 0,
  }
}

/** What a version of a schedule is made of. */
export interface NewVersion {
  readonly workflow: Pick<CompiledWorkflow, 'name' | 'hash'>
  readonly spec: ScheduleSpec
  readonly by: string
  /** Place of the latest event of the tenant; those behind it count. */
  readonly head: number
}

/** Sets a version in a turn. @returns the path of the schedule's webhook when there is something new to know. */
export function setVersion(
  { random }: Pick<SchedulesDeps, 'random'>,
  turn: Turn,
  { workflow, spec, by, head }: NewVersion,
): string | undefined {
  const { hookHash, nextAt: _, ...before } = turn.state
  const { now } = turn
  const version = before.version + 1
  const hook = hookOf(before.id, spec, { hash: hookHash, random })
  turn.state = {
    ...before,
    version,
    spec,
    status: before.status === 'paused' ? 'paused' : 'active',
    workflow: workflow.name,
    definition: workflow.hash,
    ...(hook.hash !== undefined && { hookHash: hook.hash }),
    setAt: now,
    updatedAt: now,
    seq: head,
  }
  turn.version = { version, definition: workflow.hash, spec, by, at: now }
  turn.events.push({
    kind: version === 1 ? 'schedule.created' : 'schedule.updated',
    data: { name: before.name, version, workflow: workflow.name, definition: workflow.hash, by },
  })
  if (turn.state.status === 'active') beginAt(turn, firstCursor(spec, now))
  return hook.path
}

interface KnownHook {
  readonly hash: string | undefined
  readonly random: SchedulesDeps['random']
}

/** Where deliveries of a version go, if that is news, and what is kept of the secret in it. */
function hookOf(
  id: string,
  { trigger }: ScheduleSpec,
  { hash, random }: KnownHook,
): { readonly path?: string; readonly hash?: string } {
  if (trigger.kind !== 'webhook') return {}
  const path = `/v1/hooks/${id}`
  if (trigger.secret !== undefined) return { path }
  if (hash !== undefined) return { hash }
  const secret = createHookSecret(random)
  return { path: `${path}/${secret}`, hash: hashHookSecret(secret) }
}

interface VersionCheck extends Pick<ScheduleUpdate, 'definition'> {
  readonly tenant: string
  readonly definition: JsonObject
  readonly spec: ScheduleSpec
  readonly now: EpochMs
}

/** Checks everything that can be checked before the first fire, and keeps the definition. */
export async function checkVersion(
  { workflows }: Pick<SchedulesDeps, 'workflows'>,
  { tenant, definition, spec, now }: VersionCheck,
): Promise<CompiledWorkflow> {
  checkSpec(spec, now)
  const workflow = await workflows.keepDefinition(tenant, definition)
  refuseSensitive(workflow, spec)
  if (isTimed({ spec }) && spec.map === undefined) {
    const checked = workflow.checkInputs(spec.inputs ?? {})
    if (!checked.ok) throw new InvalidInputsError(checked.issues)
  }
  return workflow
}

/** A schedule, and each of its fires, is kept and shown as it is. */
function refuseSensitive(
  { isSensitive }: CompiledWorkflow,
  { inputs = {}, map = {} }: ScheduleSpec,
): void {
  const names = [...Object.keys(inputs), ...Object.keys(map)]
  const name = names.find((each) => isSensitive?.(each) === true)
  if (name !== undefined) throw new SensitiveValueError(`input "${name}" of a schedule`)
}

/** @throws {@link NeverFiresError} the schedule has fired as often as the new version allows. */
export function checkRoom(state: ScheduleState, spec: ScheduleSpec): void {
  if (!isSpent({ spec, fires: state.fires })) return
  throw new NeverFiresError(`it has fired ${state.fires} times already; raise maxFires`)
}
