import type { Json, JsonObject } from '../../kernel/json.ts'
import { checkDefinition } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { InvalidDefinitionError, InvalidInputsError, SensitiveValueError } from '../errors.ts'
import { fitsBudget } from '../machine/decide-run.ts'
import { decideWait } from '../machine/decide-wait.ts'
import { type UnitRef, unitKey, unitRef, type WaitingFor } from '../machine/events.ts'
import type { RunState } from '../machine/state.ts'
import type { RunTerms } from '../queue/schema.ts'
import { sealInputs } from '../sealing.ts'
import type { Wait } from '../steps/step-kind.ts'

import { type ActiveRun, record } from './active-run.ts'
import { hiddenIn } from './opened.ts'
import { holdsSecret } from './redact.ts'
import type { ChildRun } from './run-store.ts'

/**
 * Records that a unit waits; for a child run, begins it in the same commit.
 *
 * @returns what a child run is to have, µFTNS, when there is not enough for it now.
 */
export async function beginWait(
  run: ActiveRun,
  ref: UnitRef,
  wait: Wait,
): Promise<bigint | undefined> {
  const now = run.deps.clock.now()
  if (wait.for === 'run') return beginChild(run, ref, wait)
  if (wait.for === 'signal') refuseLeak(run, wait.signal, 'the name of a signal')
  record(run, decideWait(run.state, ref, { waiting: waitingFor(wait, now), bound: 0n, now }))
  return undefined
}

function waitingFor(wait: Exclude<Wait, { for: 'run' }>, now: number): WaitingFor {
  switch (wait.for) {
    case 'timer':
      return { for: 'time', dueAt: now + wait.delayMs }
    case 'time':
      return { for: 'time', dueAt: wait.dueAt }
    case 'signal':
      return {
        for: 'signal',
        signal: wait.signal,
        ...(wait.timeoutMs !== undefined && { dueAt: now + wait.timeoutMs }),
      }
    default:
      throw new TypeError('unknown wait')
  }
}

async function beginChild(
  run: ActiveRun,
  ref: UnitRef,
  { workflow: body, inputs }: Extract<Wait, { for: 'run' }>,
): Promise<bigint | undefined> {
  const { deps, state, hooks } = run
  const { workflow, given } = checkChild(run, body, inputs)
  const now = deps.clock.now()
  await deps.store.saveDefinition({
    hash: workflow.hash,
    tenant: run.tenant,
    name: workflow.name,
    body,
    at: now,
  })
  const wanted = await hooks.budgetOf(workflow, given)
  const bound = fitsBudget(state, wanted) ? wanted : leftFor(state)
  if (bound === undefined) return wanted
  const id = deps.ids.next('run')
  const sealed = { id, tenant: run.tenant, workflow }
  const kept = await sealInputs(deps.sealing, sealed, given)
  const terms = inherited(state.terms)
  const child: ChildRun = {
    run: {
      id,
      tenant: run.tenant,
      name: workflow.name,
      definition: workflow.hash,
      status: 'queued',
      createdAt: now,
      parent: run.id,
      ...(terms !== undefined && { terms }),
    },
    created: {
      at: now,
      event: {
        kind: 'run.created',
        data: {
          name: workflow.name,
          definition: workflow.hash,
          inputs: kept,
          budget: bound.toString(),
          ...(state.hold !== undefined && { hold: state.hold }),
          ...(terms !== undefined && { terms }),
          parent: { run: run.id, ...unitRef(ref) },
          ...(state.scheduledAt !== undefined && { scheduledAt: state.scheduledAt }),
        },
      },
    },
  }
  const waiting: WaitingFor = { for: 'run', signal: 'run', child: id }
  hooks.begot(id)
  record(run, decideWait(state, ref, { waiting, bound, now }), { children: [child] })
  deps.log.debug('workflow.child-created', { run: run.id, step: unitKey(ref), child: id })
  return undefined
}

/**
 * What a child run gets that may cost more than there is: all that is left, unless something of what
 * others hold may yet come back. With nothing it would stand still, and nobody would know why.
 */
function leftFor({ budget, spent, reserved }: RunState): bigint | undefined {
  const left = budget - spent
  return reserved > 0n || left <= 0n ? undefined : left
}

interface CheckedChild {
  readonly workflow: CompiledWorkflow
  /** Its inputs, with defaults filled in. */
  readonly given: JsonObject
}

function checkChild(run: ActiveRun, body: JsonObject, inputs: JsonObject): CheckedChild {
  const checked = checkDefinition(
    { value: body, file: undefined, place: () => undefined },
    run.deps.kinds,
  )
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  const workflow: CompiledWorkflow = checked.value
  const given = workflow.checkInputs(inputs)
  if (!given.ok) throw new InvalidInputsError(given.issues)
  refuseLeak(run, body, 'the definition of a child run')
  for (const [name, value] of Object.entries(given.value)) {
    if (workflow.isSensitive?.(name) !== true)
      refuseLeak(run, value, `input "${name}" of a child run`)
  }
  return { workflow, given: given.value }
}

/** What is kept in the clear must not hold a sensitive input. */
function refuseLeak(run: ActiveRun, value: Json, place: string): void {
  if (holdsSecret(value, hiddenIn(run, []))) throw new SensitiveValueError(place)
}

/** A child run is as urgent as its parent, and begins with it: its window was open, its key is taken. */
function inherited(terms: RunTerms | undefined): RunTerms | undefined {
  if (terms === undefined) return undefined
  const { priority, team, deadline } = terms
  return { priority, team, ...(deadline !== undefined && { deadline }) }
}
