import type { EpochMs } from '../../kernel/clock.ts'

import { fillRange } from './backfill.ts'
import { fireByHand } from './by-hand.ts'
import { changeState, loadSchedule, pauseIn, removeIn, resumeIn } from './change.ts'
import type { Times } from './cron.ts'
import type { ScheduleCall, SchedulesDeps, TriggerCall } from './deps.ts'
import { DefinitionGoneError, UnknownScheduleError } from './errors.ts'
import { acceptDelivery, type HookRequest } from './hook.ts'
import { parseTime } from './parse-time.ts'
import type {
  Backfill,
  BackfillRequest,
  CreatedSchedule,
  Delivery,
  Fire,
  FiresPreview,
  PreviewRequest,
  Schedule,
  ScheduleUpdate,
  ScheduleVersion,
} from './schema.ts'
import { type ScheduleState, toFire, toSchedule } from './state.ts'
import type { FireRange, ListedSchedule, ScheduleRange } from './store.ts'
import { createTimes, zoneOf } from './times.ts'
import type { Turn } from './turn.ts'
import {
  checkRoom,
  checkVersion,
  createSchedule,
  type ScheduleDraft,
  setVersion,
} from './versions.ts'

/** Schedules and their fires. */
export interface Schedules {
  /**
   * Makes a schedule; it is looked at from now on.
   *
   * @throws {@link ScheduleExistsError} {@link NeverFiresError} {@link InvalidDefinitionError}
   */
  create(draft: ScheduleDraft): Promise<CreatedSchedule>
  /** Sets a new version. What was due until now is decided by the old one. */
  update(call: ScheduleCall & ScheduleUpdate): Promise<CreatedSchedule>
  /** @throws {@link UnknownScheduleError} */
  get(tenant: string, schedule: string): Promise<Schedule>
  list(range: ScheduleRange): Promise<readonly Schedule[]>
  listVersions(tenant: string, schedule: string): Promise<readonly ScheduleVersion[]>
  listFires(
    tenant: string,
    schedule: string,
    range: Omit<FireRange, 'schedule'>,
  ): Promise<readonly Fire[]>
  pause(call: ScheduleCall): Promise<Schedule>
  /** Times that passed meanwhile do not fire; a back-fill makes up for them. */
  resume(call: ScheduleCall): Promise<Schedule>
  /** Fires once by hand, or tries its parked fires again. */
  trigger(call: TriggerCall): Promise<readonly Fire[]>
  backfill(call: ScheduleCall & BackfillRequest): Promise<Backfill>
  /** Its runs go on; nothing begins any more. */
  remove(call: ScheduleCall): Promise<Schedule>
  /** When a schedule fires next. */
  next(tenant: string, schedule: string, count: number): Promise<FiresPreview>
  /** When a schedule would fire that is not kept. */
  preview(request: PreviewRequest): FiresPreview
  /** @throws {@link UnverifiedDeliveryError} {@link ReplayedDeliveryError} */
  deliver(request: HookRequest): Promise<Delivery>
}

/** Builds the service; called once, from the composition root. */
export function createSchedules(deps: SchedulesDeps): Schedules {
  const { store } = deps
  const get = async (tenant: string, name: string): Promise<ListedSchedule> => {
    const found = await store.find(tenant, name)
    if (found === undefined) throw new UnknownScheduleError(name)
    return found
  }
  const change = async (
    { tenant, schedule }: ScheduleCall,
    work: (turn: Turn) => void,
  ): Promise<Schedule> => {
    const { state } = await changeState(deps, () => loadSchedule(deps, tenant, schedule), work)
    const now = await get(tenant, state.id)
    return toSchedule(now.state, now.waiting)
  }
  return {
    create: (draft) => createSchedule(deps, draft),
    update: (call) => update(deps, call),
    async get(tenant, name) {
      const { state, waiting } = await get(tenant, name)
      return toSchedule(state, waiting)
    },
    async list(range) {
      const found = await store.list(range)
      return found.map(({ state, waiting }) => toSchedule(state, waiting))
    },
    async listVersions(tenant, name) {
      return store.listVersions((await get(tenant, name)).state.id)
    },
    async listFires(tenant, name, range) {
      const { state } = await get(tenant, name)
      return (await store.listFires({ ...range, schedule: state.id })).map(toFire)
    },
    pause: (call) => change(call, (turn) => pauseIn(turn, call.by)),
    async resume(call) {
      const head = await store.headOf(call.tenant)
      return change(call, (turn) => resumeIn(turn, call.by, head))
    },
    trigger: (call) => fireByHand(deps, call),
    backfill: (call) => fillRange(deps, call),
    remove: (call) => change(call, (turn) => removeIn(turn, call.by)),
    async next(tenant, name, count) {
      return nextFires((await get(tenant, name)).state, deps.clock.now(), count)
    },
    preview: (request) => previewFires(request, deps.clock.now()),
    deliver: (request) => acceptDelivery(deps, request),
  }
}

async function update(
  deps: SchedulesDeps,
  { tenant, schedule, by, definition, spec }: ScheduleCall & ScheduleUpdate,
): Promise<CreatedSchedule> {
  const { store, clock, runs } = deps
  const before = await loadSchedule(deps, tenant, schedule)
  const body = definition ?? (await runs.findDefinition(before.definition))
  if (body === undefined) throw new DefinitionGoneError(before.definition)
  const next = { tenant, definition: body, spec: spec ?? before.spec, now: clock.now() }
  const workflow = await checkVersion(deps, next)
  checkRoom(before, next.spec)
  const head = await store.headOf(tenant)
  let hook: string | undefined
  const { state } = await changeState(
    deps,
    () => loadSchedule(deps, tenant, before.id),
    (turn) => {
      hook = setVersion(deps, turn, { workflow, spec: next.spec, by, head })
    },
  )
  const found = await store.find(tenant, state.id)
  const waiting = found?.waiting ?? 0
  return { schedule: toSchedule(state, waiting), ...(hook !== undefined && { hook }) }
}

function nextFires(state: ScheduleState, now: EpochMs, count: number): FiresPreview {
  const { spec, setAt, cursor, status, fires } = state
  const left = spec.maxFires === undefined ? count : Math.min(count, spec.maxFires - fires)
  const isOver = status === 'ended' || status === 'deleted'
  const from = status === 'active' ? cursor : now
  const found = isOver ? [] : listTimes(createTimes(spec, setAt), from, left)
  return { zone: spec.zone ?? 'UTC', fires: found }
}

function previewFires({ spec, from, count = 10 }: PreviewRequest, now: EpochMs): FiresPreview {
  const zone = zoneOf(spec)
  const start = from === undefined ? now : parseTime(from, zone)
  return { zone: zone.name, fires: listTimes(createTimes(spec, start), start - 1, count) }
}

function listTimes(times: Times, after: EpochMs, count: number): EpochMs[] {
  const found: EpochMs[] = []
  let at = times.next(after)
  while (at !== undefined && found.length < count) {
    found.push(at)
    at = times.next(at)
  }
  return found
}
