/** Units of a step in progress, by where they are; a step without `forEach` has one. */
export interface UnitCounts {
  readonly running: number
  readonly waiting: number
  readonly retrying: number
  readonly repeating: number
}

/** Where a unit in progress is. */
export type UnitPhase = keyof UnitCounts

/** In the order in which a unit is looked for when an event does not say where it was. */
const PHASES: readonly UnitPhase[] = ['running', 'waiting', 'retrying', 'repeating']

/** No unit in progress. */
export const NO_UNITS: UnitCounts = { running: 0, waiting: 0, retrying: 0, repeating: 0 }

/** Units in progress. */
export function countUnits({ running, waiting, retrying, repeating }: UnitCounts): number {
  return running + waiting + retrying + repeating
}

/**
 * A try of a unit begins in `phase`.
 *
 * @remarks Counts suffice, since the number of the try tells where the unit was before: a first one
 * is new, a later one was due. So ten thousand items cost no list of ten thousand.
 */
export function begin(
  units: UnitCounts,
  phase: UnitPhase,
  { attempt, pass }: { readonly attempt: number; readonly pass: number },
): UnitCounts {
  const isNew = attempt <= 1 && pass <= 1
  const before = isNew ? units : remove(units, attempt <= 1 ? 'repeating' : 'retrying')
  return { ...before, [phase]: before[phase] + 1 }
}

/** A unit in progress goes on in `phase`. */
export function move(units: UnitCounts, phase: UnitPhase): UnitCounts {
  const rest = end(units)
  return { ...rest, [phase]: rest[phase] + 1 }
}

/** A unit that waited goes on. */
export function goOn(units: UnitCounts): UnitCounts {
  const rest = remove(units, 'waiting')
  return { ...rest, running: rest.running + 1 }
}

/** A unit has ended. */
export function end(units: UnitCounts): UnitCounts {
  const phase = PHASES.find((each) => units[each] > 0)
  return phase === undefined ? units : { ...units, [phase]: units[phase] - 1 }
}

/** Whatever ran is to begin again. */
export function restart(units: UnitCounts): UnitCounts {
  return { ...units, running: 0, retrying: units.retrying + units.running }
}

function remove(units: UnitCounts, phase: UnitPhase): UnitCounts {
  if (units[phase] > 0) return { ...units, [phase]: units[phase] - 1 }
  return end(units)
}
