import { canonicalJson } from '../../kernel/canonical-json.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { CompiledStep, CompiledWorkflow } from '../definition/compiled.ts'
import type { TimedEvent } from '../host/run-store.ts'
import { isCalm } from '../machine/decide-upgrade.ts'
import { isLeftOut, type RunState, type StepState } from '../machine/state.ts'
import type { RunRecord } from '../schema.ts'
import { sealedIn } from '../sealing.ts'

import { foldRun } from './fold.ts'
import type { RunUpgradeReport } from './schema.ts'

/** A run, and the definition it is held against. */
export interface UpgradeParts {
  readonly record: RunRecord
  /** The definition it was begun with. */
  readonly born: CompiledWorkflow
  /** The definition it runs under now. */
  readonly current: CompiledWorkflow
  readonly next: CompiledWorkflow
  readonly events: readonly TimedEvent[]
}

/** What a definition means to a run, and what its upgrade would record. */
export interface UpgradePlan {
  readonly report: RunUpgradeReport
  readonly version: number
  readonly without: readonly string[]
  /** With what the new definition adds by default; absent when that is nothing. */
  readonly inputs: JsonObject | undefined
}

type Problem = RunUpgradeReport['problems'][number]

/**
 * Replays a run under another definition.
 *
 * @remarks The history must fold under it: every step that has begun is still there and of the
 * same shape, no such step needs one that has not ended, and the inputs fit.
 */
export function planUpgrade(parts: UpgradeParts): UpgradePlan {
  const { record, born, current, next, events } = parts
  const without = [...patchesOf(next)].filter((name) => !patchesOf(born).has(name))
  const state = foldRun(current, events)
  const seen: Replay = { state: { ...state, without }, current, next }
  const checked = next.checkInputs(state.inputs)
  const problems = [...stepProblems(seen), ...replayProblems(parts)]
  if (!checked.ok) {
    // What is sealed is not looked at: whether it still fits, its step says.
    const seenIssues = checked.issues.filter(
      ({ path }) => sealedIn(state.inputs[path.split('.')[0] ?? '']) === undefined,
    )
    for (const { path, message } of seenIssues)
      problems.push({ code: 'inputs', message: `input ${path}: ${message}` })
  }
  const filled = checked.ok ? checked.value : state.inputs
  const isFilled = canonicalJson(filled) !== canonicalJson(state.inputs)
  return {
    report: {
      run: record.id,
      status: record.status,
      verdict: verdictOf(seen, problems),
      problems,
      ...effectsOf(seen),
    },
    version: state.version,
    without,
    inputs: isFilled ? filled : undefined,
  }
}

interface Replay {
  /** The run as it is, with the patches that it would be without. */
  readonly state: RunState
  readonly current: CompiledWorkflow
  readonly next: CompiledWorkflow
}

function verdictOf(
  { state, current, next }: Replay,
  problems: readonly Problem[],
): RunUpgradeReport['verdict'] {
  if (problems.length > 0) return 'breaks'
  if (current.hash === next.hash) return 'same'
  return isCalm(state) ? 'compatible' : 'busy'
}

/** Names of all changes that steps of a definition came or went with. */
function patchesOf({ steps }: CompiledWorkflow): ReadonlySet<string> {
  return new Set(
    [...steps.values()].flatMap(({ since, until }) => [since ?? [], until ?? []].flat()),
  )
}

/** Whether a step has begun, and so stands in the history. */
function hasBegun(step: StepState | undefined): boolean {
  if (step === undefined) return false
  if (step.items !== undefined) return true
  return step.status !== 'pending' && step.status !== 'ready'
}

/** Whether a step is over, so that what needs it may begin. */
function isOver(step: StepState | undefined): boolean {
  return step?.status === 'completed' || (step?.status === 'skipped' && step.needsLeft === 0)
}

function stepProblems(replay: Replay): Problem[] {
  const { state, current, next } = replay
  const problems: Problem[] = []
  for (const [name, known] of state.steps) {
    if (!hasBegun(known)) continue
    const [old, now] = [current.steps.get(name), next.steps.get(name)]
    if (now === undefined || old === undefined) {
      problems.push({
        code: 'removed',
        step: name,
        message: `step "${name}" has begun, and is gone`,
      })
      continue
    }
    problems.push(...shapeProblems(known, old, now), ...orderProblems(replay, known, now))
    if (isLeftOut(state, now) && known.status !== 'skipped') {
      const message = `step "${name}" has begun, and would be left out by "since" or "until"`
      problems.push({ code: 'left-out', step: name, message })
    }
  }
  return problems
}

function shapeProblems(known: StepState, old: CompiledStep, now: CompiledStep): readonly Problem[] {
  const step = now.name
  if ((old.forEach === undefined) !== (now.forEach === undefined)) {
    const message = `step "${step}" has begun ${old.forEach === undefined ? 'without' : 'with'} "forEach"`
    return [{ code: 'shape', step, message }]
  }
  if (isOver(known)) return []
  if (known.items !== undefined && listOf(old) !== listOf(now)) {
    return [{ code: 'list', step, message: `the list of step "${step}" is being worked on` }]
  }
  if (known.status === 'active' && old.kind.name !== now.kind.name) {
    const message = `step "${step}" has begun as "${old.kind.name}"`
    return [{ code: 'kind', step, message }]
  }
  return []
}

/** The list of a step as it is written. */
function listOf({ forEach }: CompiledStep): string {
  const { constant, expressions } = forEach?.items ?? {}
  const sources: Json = (expressions ?? []).map(({ expression }) => expression.source)
  return canonicalJson([constant?.value ?? null, sources])
}

/** A step that has begun must not need one that would run only now. */
function orderProblems(
  { state, next }: Replay,
  known: StepState,
  now: CompiledStep,
): readonly Problem[] {
  if (known.status === 'skipped') return []
  return now.needs.flatMap((need) => {
    const needed = next.steps.get(need)
    const isAbsent = needed !== undefined && isLeftOut(state, needed)
    if (isOver(state.steps.get(need)) || isAbsent) return []
    return [
      {
        code: 'order',
        step: now.name,
        message: `step "${now.name}" has begun before "${need}", which it would need`,
      },
    ]
  })
}

/** What only folding finds out. */
function replayProblems({ next, events }: UpgradeParts): readonly Problem[] {
  try {
    foldRun(next, events)
    return []
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault)
    return [{ code: 'replay', message }]
  }
}

function effectsOf({
  state,
  current,
  next,
}: Replay): Pick<RunUpgradeReport, 'kept' | 'again' | 'added' | 'leftOut'> {
  const kept: string[] = []
  const again: string[] = []
  const added: string[] = []
  const leftOut: string[] = []
  for (const name of next.order) {
    const now = next.steps.get(name)
    const known = state.steps.get(name)
    if (now === undefined) continue
    if (isLeftOut(state, now)) leftOut.push(name)
    else if (known === undefined) added.push(name)
    else if (hasBegun(known) && isChanged(current, next, name)) {
      if (isOver(known)) kept.push(name)
      else again.push(name)
    }
  }
  return { kept, again, added, leftOut }
}

function isChanged(current: CompiledWorkflow, next: CompiledWorkflow, name: string): boolean {
  const [old, now] = [current.definition.steps[name], next.definition.steps[name]]
  return JSON.stringify(old) !== JSON.stringify(now)
}
