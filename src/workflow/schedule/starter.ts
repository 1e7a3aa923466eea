import type { Clock } from '../../kernel/clock.ts'
import { PlatformError, toErrorRecord } from '../../kernel/errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { Log } from '../../kernel/log.ts'
import { parseFtns } from '../../kernel/money.ts'
import { FencedError, RefusedError, UnknownRunError } from '../errors.ts'
import type { RunStore } from '../host/run-store.ts'
import type { Workflows } from '../workflows.ts'

import { DefinitionGoneError, StaleScheduleError } from './errors.ts'
import type { ScheduleVersion } from './schema.ts'
import type { FireState, ScheduleState } from './state.ts'
import type { ScheduleStore } from './store.ts'
import { commitTurn } from './take-turn.ts'
import { openTurn, park, type Turn } from './turn.ts'

/** What runs are begun and cancelled with. */
export interface StarterDeps {
  readonly store: ScheduleStore
  readonly workflows: Pick<Workflows, 'submit' | 'control'>
  readonly runs: Pick<RunStore, 'findDefinition'>
  /** Fetches large values of events that were kept out of line. */
  readonly inflate: (value: Json) => Promise<Json>
  readonly clock: Clock
  readonly log: Log
}

/** Does what was decided. Everything may be done again: a run has the id of its fire. */
export interface Starter {
  /** Begins and cancels the runs that a committed turn says. */
  follow(turn: Turn): Promise<void>
  /** Begins the run of one fire, or parks the fire with the reason why it cannot be begun. */
  start(schedule: ScheduleState, fire: FireState): Promise<void>
}

/** Builds a starter. */
export function createStarter(deps: StarterDeps): Starter {
  const start: Starter['start'] = async (schedule, fire) => {
    const fault = await begin(deps, schedule, fire)
    if (fault === undefined) {
      await deps.store.settle(schedule.id, fire.key)
      return
    }
    const turn = await parkFire(deps, { schedule: schedule.id, key: fire.key, fault })
    // What waited for this fire may begin now.
    if (turn !== undefined) await follow(turn)
  }
  const follow: Starter['follow'] = async ({ state, changed, open }) => {
    for (const { isCancelled, status, run } of open.values()) {
      if (isCancelled && status === 'started') await cancel(deps, state, run)
    }
    for (const fire of changed.values()) if (fire.status === 'starting') await start(state, fire)
  }
  return { start, follow }
}

/** Begins the run of a fire. @returns why it cannot be begun. */
async function begin(
  { store, workflows, runs, inflate }: StarterDeps,
  schedule: ScheduleState,
  fire: FireState,
): Promise<unknown> {
  try {
    const version = await store.findVersion(schedule.id, fire.version)
    const { spec, definition: hash }: Pick<ScheduleVersion, 'spec' | 'definition'> =
      version ?? schedule
    const definition = await runs.findDefinition(hash)
    if (definition === undefined) return new DefinitionGoneError(hash)
    const own = await inflate(fire.inputs)
    await workflows.submit({
      tenant: schedule.tenant,
      definition,
      inputs: { ...spec.inputs, ...(isJsonObject(own) && own) },
      id: fire.run,
      scheduled: { schedule: schedule.name, scheduledAt: fire.scheduledAt },
      ...(spec.budget !== undefined && { budget: parseFtns(spec.budget) }),
    })
    return undefined
  } catch (fault) {
    // Somebody else has begun it at this moment.
    if (fault instanceof FencedError) return undefined
    // The database being away says nothing about the run: it is tried again when the lease is over.
    if (fault instanceof PlatformError && fault.code.startsWith('sql.')) throw fault
    return fault
  }
}

/** Tries that a fire is parked with; each fails only because somebody else has changed the schedule. */
const PARK_TRIES = 20

interface Parking {
  readonly schedule: string
  readonly key: string
  readonly fault: unknown
}

async function parkFire(
  deps: StarterDeps,
  { schedule, key, fault }: Parking,
): Promise<Turn | undefined> {
  const { store, clock, log } = deps
  const reason = toErrorRecord(fault)
  if (reason.code === 'internal.fault') log.error('schedule.start-failed', fault, { schedule })
  else log.warn('schedule.parked', { schedule, key, code: reason.code })
  for (let tries = 1; ; tries++) {
    const state = await store.findById(schedule)
    const [fire] = await store.findFires(schedule, [key])
    // Somebody else has begun it, or parked it.
    if (state === undefined || fire?.status !== 'starting') return undefined
    const turn = openTurn(state, await store.openFires(schedule), clock.now())
    park(turn, fire, reason)
    try {
      return await commitTurn(store, turn)
    } catch (stale) {
      if (!(stale instanceof StaleScheduleError) || tries === PARK_TRIES) throw stale
    }
  }
}

async function cancel(
  { workflows }: StarterDeps,
  { tenant, id }: ScheduleState,
  run: string,
): Promise<void> {
  try {
    await workflows.control(tenant, run, {
      action: 'cancel',
      by: id,
      reason: 'the next fire of its schedule has come',
    })
  } catch (fault) {
    // It has ended meanwhile.
    if (!(fault instanceof RefusedError) && !(fault instanceof UnknownRunError)) throw fault
  }
}
