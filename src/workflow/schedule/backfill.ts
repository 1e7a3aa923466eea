import type { EpochMs } from '../../kernel/clock.ts'

import { changeState, loadSchedule } from './change.ts'
import type { ScheduleCall, SchedulesDeps } from './deps.ts'
import { InvalidBackfillError } from './errors.ts'
import { timeKey } from './fire-id.ts'
import { parseTime } from './parse-time.ts'
import type { Backfill, BackfillRequest } from './schema.ts'
import type { ScheduleState } from './state.ts'
import { createTimes, zoneOf } from './times.ts'
import { takeBackfill } from './turn.ts'

/** Times of one range. */
const MAX_TIMES = 1_000

/** Makes up for the times of a range; see `Schedules.backfill`. */
export async function fillRange(
  deps: SchedulesDeps,
  call: ScheduleCall & BackfillRequest,
): Promise<Backfill> {
  const load = (): Promise<ScheduleState> => loadSchedule(deps, call.tenant, call.schedule)
  const { store, clock, ids } = deps
  const split = async (state: ScheduleState): Promise<Backfill> => {
    const times = timesOf(state, call, clock.now())
    const known = await store.findFires(state.id, times.map(timeKey))
    // A time whose fire was left out for others has not had its run.
    const done = new Set(known.filter(({ status }) => status !== 'skipped').map(({ key }) => key))
    return { fires: times.filter((at) => !done.has(timeKey(at))), done: done.size }
  }
  if (call.dryRun === true) return split(await load())
  const made: { result: Backfill } = { result: { fires: [], done: 0 } }
  await changeState(deps, load, async (turn) => {
    const { fires, done } = await split(turn.state)
    const left = fires.filter((at) => !turn.changed.has(timeKey(at)))
    made.result = { fires: left, done: done + fires.length - left.length }
    if (left.length === 0) return
    takeBackfill(turn, left, { id: ids.next('work'), concurrency: call.concurrency ?? 1 })
  })
  return made.result
}

/** The times of a range. @throws {@link InvalidBackfillError} */
function timesOf(
  { spec, setAt }: ScheduleState,
  { from, to }: BackfillRequest,
  now: EpochMs,
): readonly EpochMs[] {
  const { kind } = spec.trigger
  if (kind !== 'cron' && kind !== 'interval') {
    throw new InvalidBackfillError(
      `a schedule with the trigger "${kind}" has no times that repeat`,
      'prsm schedule trigger fires it by hand',
    )
  }
  const zone = zoneOf(spec)
  const [first, end] = [parseTime(from, zone), parseTime(to, zone)]
  if (end <= first) throw new InvalidBackfillError('it ends before it begins', 'swap from and to')
  if (end > now) throw new InvalidBackfillError('it ends in the future', 'end it now at the latest')
  const times = createTimes(spec, setAt)
  const found: EpochMs[] = []
  let at = times.next(first - 1)
  while (at !== undefined && at < end) {
    if (found.length === MAX_TIMES) {
      throw new InvalidBackfillError(`it has more than ${MAX_TIMES} times`, 'fill it in parts')
    }
    found.push(at)
    at = times.next(at)
  }
  return found
}
