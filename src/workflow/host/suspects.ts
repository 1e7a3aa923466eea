import { unitKey } from '../machine/events.ts'
import type { RunState } from '../machine/state.ts'

/**
 * Keeps units apart that ran when workers were lost.
 *
 * @remarks Whatever runs in a worker that is lost may be the cause. A unit that has been there more
 * than once begins again with few others of its kind, then with one, then alone: so the one that
 * kills its workers is given up, and those that only ran beside it end.
 */
export interface Suspects {
  /** Whether a unit may begin here now that was running when so many workers were lost. */
  admits(crashes: number): boolean
  /** Calls `wake` once, when one of those that are kept apart may have ended. */
  await(who: object, wake: () => void): void
  /** Something has ended, or has left this worker. */
  tell(): void
}

/** How many may run at once that were there when so many workers were lost, themselves included. */
const AT_ONCE = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 8, 2, 1] as const

/** A run of a worker; `busy`: units that are about to begin. */
interface Host {
  readonly state: Pick<RunState, 'active'>
  readonly busy: ReadonlySet<string>
}

/** Keeps apart what runs in these runs, those of one worker. */
export function createSuspects(runs: ReadonlyMap<string, Host>): Suspects {
  const waiting = new Map<object, () => void>()
  return {
    admits(crashes) {
      const most = atOnce(crashes)
      if (most === Number.POSITIVE_INFINITY) return true
      const here = [...runs.values()].flatMap(suspectsOf)
      return here.length < Math.min(most, ...here.map(atOnce))
    },
    await: (who, wake) => void waiting.set(who, wake),
    tell() {
      if (waiting.size === 0) return
      const woken = [...waiting.values()]
      waiting.clear()
      for (const wake of woken) wake()
    },
  }
}

/** For each unit of a run that is kept apart from others and runs now, how many workers were lost. */
function suspectsOf({ state, busy }: Host): readonly number[] {
  const found: number[] = []
  for (const unit of state.active.values()) {
    const isHere = unit.phase === 'running' || busy.has(unitKey(unit))
    if (isHere && atOnce(unit.crashes) < Number.POSITIVE_INFINITY) found.push(unit.crashes)
  }
  return found
}

function atOnce(crashes: number): number {
  return AT_ONCE[crashes] ?? 1
}
