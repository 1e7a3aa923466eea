import type { CircuitSettings, CircuitState, FaultVerdict } from '../../kernel/breakers.ts'
import type { EpochMs } from '../../kernel/clock.ts'

/** Calls of one part of the window. */
interface Slice {
  readonly from: EpochMs
  readonly calls: number
  readonly faults: number
}

/** What is known of a dependency: a value, changed by making another one. */
export interface Circuit {
  readonly state: CircuitState
  readonly since: EpochMs
  /** Changes of state so far: the end of a call that began before the last one says nothing. */
  readonly era: number
  /** Parts of the window that hold calls, the oldest first. */
  readonly slices: readonly Slice[]
  /** While it is half open. */
  readonly trials: { readonly running: number; readonly good: number }
  /** How often it has opened. */
  readonly opened: number
  readonly lastFault: { readonly code: string; readonly at: EpochMs } | undefined
}

/** Parts of a window: what is older than it is forgotten by this share of it at once. */
const SLICES = 10

/** A circuit of which nothing is known. */
export function closedCircuit(now: EpochMs): Circuit {
  return {
    state: 'closed',
    since: now,
    era: 0,
    slices: [],
    trials: NO_TRIALS,
    opened: 0,
    lastFault: undefined,
  }
}

const NO_TRIALS: Circuit['trials'] = { running: 0, good: 0 }

/** Whether a call is made: now, after the trials under way, or not. */
export type Admission = 'go' | 'wait' | 'refuse'

/** Decides on a call; one that goes while the circuit is half open is a trial. */
export function admit(
  circuit: Circuit,
  settings: CircuitSettings,
  now: EpochMs,
): { readonly circuit: Circuit; readonly admission: Admission } {
  if (circuit.state === 'closed') return { circuit, admission: 'go' }
  if (circuit.state === 'open' && now < retryAt(circuit, settings))
    return { circuit, admission: 'refuse' }
  const trying = circuit.state === 'open' ? become(circuit, 'half_open', now) : circuit
  const { running, good } = trying.trials
  return running + good >= settings.trials
    ? { circuit: trying, admission: 'wait' }
    : { circuit: { ...trying, trials: { running: running + 1, good } }, admission: 'go' }
}

/** When an open circuit lets calls through again. */
export function retryAt({ since }: Circuit, { openMs }: CircuitSettings): EpochMs {
  return since + openMs
}

/** How a call ended. */
export interface CallEnd {
  /** The era in which it was let through. */
  readonly era: number
  readonly verdict: 'good' | FaultVerdict
  /** Code of its fault. */
  readonly code: string | undefined
  readonly now: EpochMs
}

/** The circuit after a call. */
export function applyEnd(circuit: Circuit, settings: CircuitSettings, end: CallEnd): Circuit {
  const { era, verdict, code = '', now } = end
  if (era !== circuit.era) return circuit
  const seen = verdict === 'ill' ? { ...circuit, lastFault: { code, at: now } } : circuit
  return seen.state === 'closed' ? counted(seen, settings, end) : tried(seen, settings, end)
}

/** The caller's own faults, and what nobody knows, are not counted. */
function counted(circuit: Circuit, settings: CircuitSettings, { verdict, now }: CallEnd): Circuit {
  if (verdict !== 'good' && verdict !== 'ill') return circuit
  const grown = {
    ...circuit,
    slices: add(circuit.slices, settings, { isFault: verdict === 'ill', now }),
  }
  if (verdict === 'good') return grown
  const { calls, faults } = countCalls(grown, settings, now)
  const isIll = calls >= settings.leastCalls && faults >= settings.faultShare * calls
  return isIll ? become(grown, 'open', now) : grown
}

/** Of a trial, an answer of any kind is good enough: what was in doubt is whether there is one. */
function tried(circuit: Circuit, settings: CircuitSettings, { verdict, now }: CallEnd): Circuit {
  if (verdict === 'ill') return become(circuit, 'open', now)
  const running = circuit.trials.running - 1
  const good = circuit.trials.good + (verdict === 'unknown' ? 0 : 1)
  return good >= settings.trials
    ? become(circuit, 'closed', now)
    : { ...circuit, trials: { running, good } }
}

/** The circuit closed by hand. */
export function closeCircuit(circuit: Circuit, now: EpochMs): Circuit {
  return circuit.state === 'closed' ? { ...circuit, slices: [] } : become(circuit, 'closed', now)
}

function become(circuit: Circuit, state: CircuitState, now: EpochMs): Circuit {
  return {
    ...circuit,
    state,
    since: now,
    era: circuit.era + 1,
    // What was counted led to this; whoever looks at an open circuit still sees it.
    slices: state === 'closed' ? [] : circuit.slices,
    trials: NO_TRIALS,
    opened: circuit.opened + (state === 'open' ? 1 : 0),
  }
}

/** Calls within the window that ends now, and how many of them failed. */
export function countCalls(
  { slices }: Circuit,
  settings: CircuitSettings,
  now: EpochMs,
): { readonly calls: number; readonly faults: number } {
  let [calls, faults] = [0, 0]
  for (const slice of slices) {
    if (slice.from <= now - settings.windowMs) continue
    calls += slice.calls
    faults += slice.faults
  }
  return { calls, faults }
}

function add(
  slices: readonly Slice[],
  { windowMs }: CircuitSettings,
  { isFault, now }: { readonly isFault: boolean; readonly now: EpochMs },
): readonly Slice[] {
  const kept = slices.filter(({ from }) => from > now - windowMs)
  const last = kept.at(-1)
  const isNew = last === undefined || now - last.from >= windowMs / SLICES
  const { from, calls, faults } = isNew ? { from: now, calls: 0, faults: 0 } : last
  const grown = { from, calls: calls + 1, faults: faults + (isFault ? 1 : 0) }
  return [...(isNew ? kept : kept.slice(0, -1)), grown]
}
