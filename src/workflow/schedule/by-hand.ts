import { changeState, ended, loadSchedule } from './change.ts'
import type { SchedulesDeps, TriggerCall } from './deps.ts'
import type { Fire } from './schema.ts'
import { toFire } from './state.ts'
import { takeAgain, takeOccasion } from './turn.ts'

/** Parked fires that are tried again at once. */
const MAX_AGAIN = 1_000

/** Fires a schedule by hand; see `Schedules.trigger`. */
export async function fireByHand(deps: SchedulesDeps, call: TriggerCall): Promise<readonly Fire[]> {
  const { store, ids } = deps
  const { tenant, schedule, inputs = {}, parked = false } = call
  const key = `manual-${call.fire ?? ids.next('run').slice('run_'.length)}`
  let keys: readonly string[] = [key]
  const { state } = await changeState(
    deps,
    () => loadSchedule(deps, tenant, schedule),
    async (turn) => {
      if (parked) {
        const range = { schedule: turn.state.id, status: 'parked', limit: MAX_AGAIN } as const
        const again = (await store.listFires(range)).toReversed()
        keys = again.map((fire) => fire.key)
        for (const fire of again) takeAgain(turn, fire)
        return
      }
      const [known] = await store.findFires(turn.state.id, [key])
      if (known !== undefined) return
      if (turn.state.status === 'ended') throw ended(turn.state.name)
      const occasion = { key, cause: 'manual', scheduledAt: turn.now, inputs } as const
      if (takeOccasion(turn, occasion) === undefined) throw ended(turn.state.name)
    },
  )
  return (await store.findFires(state.id, keys)).map(toFire)
}
