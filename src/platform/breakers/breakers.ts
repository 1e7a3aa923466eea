import type {
  Breakers,
  CircuitChange,
  CircuitOverrides,
  CircuitReport,
  CircuitSettings,
  Dependency,
  GuardedCall,
  OpenCircuit,
} from '../../kernel/breakers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { toErrorRecord } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Telemetry } from '../../kernel/telemetry.ts'

import {
  admit,
  applyEnd,
  type CallEnd,
  type Circuit,
  closeCircuit,
  closedCircuit,
  countCalls,
  retryAt,
} from './circuit.ts'

/** What breakers are made with. */
export interface BreakersDeps {
  readonly settings: CircuitSettings
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
  /** Dependencies remembered at once; of more, those that are idle are forgotten. @defaultValue 1_000 */
  readonly maxCircuits?: number
}

/** One dependency; owned by one process and changed in place. */
interface Entry {
  readonly dependency: Dependency
  readonly settings: CircuitSettings
  circuit: Circuit
  /** Who waits for the outcome of trials. */
  readonly waiting: Set<() => void>
}

interface State {
  readonly deps: BreakersDeps
  readonly entries: Map<string, Entry>
  readonly listeners: Set<(change: CircuitChange) => void>
}

/** Builds the breakers of a process. */
export function createBreakers(deps: BreakersDeps): Breakers {
  const state: State = { deps, entries: new Map(), listeners: new Set() }
  return {
    call: (call) => callThrough(state, call),
    list: () => [...state.entries.values()].map((entry) => toReport(entry, deps.clock.now())),
    reset(dependency, tenant) {
      const meant = [...state.entries.values()].filter(
        ({ dependency: { name, tenant: whose } }) =>
          name === dependency && (tenant === undefined || whose === tenant),
      )
      const ill = meant.filter(({ circuit }) => circuit.state !== 'closed')
      for (const entry of meant) put(state, entry, closeCircuit(entry.circuit, deps.clock.now()))
      return ill.length
    },
    onChange(listener) {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
  }
}

async function callThrough<Value>(state: State, call: GuardedCall<Value>): Promise<Value> {
  const { clock } = state.deps
  const entry = entryOf(state, call.dependency)
  const era = await enter(state, entry, call)
  const ended = (end: Pick<CallEnd, 'verdict' | 'code'>): void =>
    put(state, entry, applyEnd(entry.circuit, entry.settings, { ...end, era, now: clock.now() }))
  try {
    const value = await call.run()
    ended({ verdict: 'good', code: undefined })
    return value
  } catch (fault) {
    ended({ verdict: call.judge(fault), code: toErrorRecord(fault).code })
    throw fault
  }
}

/** Resolves when the call may be made, with the era in which it was let through. */
async function enter(
  state: State,
  entry: Entry,
  { signal, whenOpen }: Pick<GuardedCall<unknown>, 'signal' | 'whenOpen'>,
): Promise<number> {
  for (;;) {
    signal?.throwIfAborted()
    const now = state.deps.clock.now()
    const { circuit, admission } = admit(entry.circuit, entry.settings, now)
    put(state, entry, circuit)
    if (admission === 'go') return circuit.era
    if (admission === 'refuse') throw whenOpen(toOpen(entry, now))
    // oxlint-disable-next-line no-await-in-loop -- each time the trials may have been in vain
    await nextOutcome(entry, signal)
  }
}

/** Resolves at the next change of the circuit, or when the caller is stopped. */
function nextOutcome({ waiting }: Entry, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      waiting.delete(go)
      signal?.removeEventListener('abort', go)
      resolve()
    }
    waiting.add(go)
    signal?.addEventListener('abort', go, { once: true })
  })
}

function toOpen({ dependency, settings, circuit }: Entry, now: number): OpenCircuit {
  const at = retryAt(circuit, settings)
  return {
    dependency: dependency.name,
    openSince: circuit.since,
    retryAt: at,
    retryAfterMs: at - now,
    lastFault: circuit.lastFault?.code,
  }
}

/** Takes what a circuit has become, and tells of it. */
function put({ deps, listeners }: State, entry: Entry, circuit: Circuit): void {
  const { dependency, circuit: before } = entry
  if (circuit === before) return
  entry.circuit = circuit
  if (circuit.state !== 'closed' || before.state !== 'closed') for (const go of entry.waiting) go()
  if (circuit.era === before.era) return
  const { name, tenant = '' } = dependency
  const { state } = circuit
  const fault = circuit.lastFault?.code ?? ''
  deps.log.warn('breaker.changed', { dependency: name, tenant, from: before.state, state, fault })
  deps.telemetry.count('prsm.breaker.changes', 1, { kind: name.split(':', 1)[0] ?? '', state })
  for (const listener of listeners) listener({ dependency, from: before.state, to: state })
}

function entryOf({ deps, entries }: State, dependency: Dependency): Entry {
  const key = `${dependency.tenant ?? ''} ${dependency.name}`
  const known = entries.get(key)
  if (known !== undefined) return known
  const { clock, maxCircuits = 1_000 } = deps
  const now = clock.now()
  if (entries.size >= maxCircuits) forget(entries, now)
  const settings = withOverrides(deps.settings, dependency.settings)
  const entry = {
    dependency,
    settings,
    circuit: closedCircuit(now),
    waiting: new Set<() => void>(),
  }
  entries.set(key, entry)
  return entry
}

function withOverrides(
  base: CircuitSettings,
  { windowMs, leastCalls, faultShare, openMs, trials }: CircuitOverrides = {},
): CircuitSettings {
  return {
    windowMs: windowMs ?? base.windowMs,
    leastCalls: leastCalls ?? base.leastCalls,
    faultShare: faultShare ?? base.faultShare,
    openMs: openMs ?? base.openMs,
    trials: trials ?? base.trials,
  }
}

/** Nothing is to be remembered of who was not called within the window, nor refused since. */
function forget(entries: Map<string, Entry>, now: number): void {
  for (const [key, { circuit, settings }] of entries) {
    const isIdle =
      circuit.state === 'closed'
        ? countCalls(circuit, settings, now).calls === 0
        : circuit.state === 'open' && retryAt(circuit, settings) + settings.windowMs <= now
    if (isIdle) entries.delete(key)
  }
}

function toReport({ dependency, settings, circuit }: Entry, now: number): CircuitReport {
  const { state, since, opened, lastFault } = circuit
  const { name, tenant } = dependency
  return {
    dependency: name,
    ...(tenant !== undefined && { tenant }),
    state,
    since,
    ...(state === 'open' && { retryAt: retryAt(circuit, settings) }),
    ...countCalls(circuit, settings, now),
    opened,
    ...(lastFault !== undefined && { lastFault }),
  }
}
