import type { Id } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { SensitiveValueError, UnknownPlaceError } from '../errors.ts'
import { holdOf } from '../host/effects.ts'
import { fileInputsOf } from '../input-files.ts'
import type { RunState } from '../machine/state.ts'
import { settleQueueTerms } from '../queue-terms.ts'
import type { RunRecord } from '../schema.ts'
import { maskSensitive, sealedIn, sealInputs, unsealInputs } from '../sealing.ts'
import { checkInputs, launch, readerOf, settleBudget } from '../submit.ts'

import { foldRun } from './fold.ts'
import { adoptions, changedInputs, type ForkParts, planFork, withParameters } from './fork.ts'
import type { HistoryDeps, HistoryParts } from './history-deps.ts'
import type { RunForkPlan, RunForkRequest } from './schema.ts'

/** A run to be forked. */
export interface Fork extends RunForkRequest {
  readonly tenant: string
  readonly run: string
  /** Id of the new run; one of this id that exists already is given back, and none is begun. */
  readonly id?: Id<'run'>
}

interface Prepared {
  readonly plan: RunForkPlan
  readonly source: RunState
  readonly workflow: CompiledWorkflow
  readonly definition: JsonObject
  readonly inputs: JsonObject
}

/** Says what a fork would take over. */
export async function planOf(parts: HistoryParts, request: Fork): Promise<RunForkPlan> {
  return (await prepare(parts, request)).plan
}

/** Begins a run with the results of another one; see `History.fork`. */
export async function fork(parts: HistoryParts, request: Fork): Promise<RunRecord> {
  const { deps, cache } = parts
  const { tenant } = request
  if (request.id !== undefined) {
    const known = await deps.store.findRun(tenant, request.id)
    if (known !== undefined) return known
  }
  const { plan, source, workflow, definition, inputs: given } = await prepare(parts, request)
  const id = request.id ?? deps.ids.next('run')
  await deps.copyFolder(request.run, id)
  const inputs = await bringFiles(deps, { id, workflow, inputs: given, request })
  const { budget: most } = request
  const budget = await settleBudget(deps, cache, { workflow, inputs, budget: most })
  if (!cache.isSaved(tenant, workflow.hash)) await cache.save(tenant, workflow, definition)
  const { name, hash } = workflow
  const createdAt = deps.clock.now()
  const shown = maskSensitive(workflow, inputs)
  const terms = { tenant, workflow, wanted: undefined, inputs: shown, now: createdAt }
  const settled = await settleQueueTerms(terms)
  const forkedFrom = { run: request.run, step: request.from, version: source.version }
  return launch(deps, {
    run: {
      id,
      tenant,
      name,
      definition: hash,
      status: settled.notBefore === undefined ? 'queued' : 'scheduled',
      createdAt,
      forkedFrom: request.run,
      ...settled,
    },
    workflow,
    created: {
      kind: 'run.created',
      data: {
        name,
        definition: hash,
        inputs: await sealInputs(deps.sealing, { id, tenant, workflow }, inputs),
        budget: budget.toString(),
        ...(budget > 0n && { hold: holdOf(id) }),
        forkedFrom,
        ...(settled.terms !== undefined && { terms: settled.terms }),
      },
    },
    adopted: adoptions(plan, source),
  })
}

async function prepare({ deps, reader, cache }: HistoryParts, request: Fork): Promise<Prepared> {
  const { tenant, run, from, parameters = {} } = request
  const read = await reader.read(tenant, run)
  const source = foldRun(read.workflow, read.events)
  const definition = withParameters(request.definition ?? read.definition, parameters)
  const workflow = cache.compile(definition)
  if (!workflow.steps.has(from)) throw new UnknownPlaceError(run, from, read.events.length)
  const before = await unsealInputs(deps.sealing, { id: run, tenant }, source.inputs)
  refuseUnsealing(workflow, source.inputs, request.inputs)
  const inputs = checkInputs(workflow, { ...before, ...request.inputs })
  const parts: ForkParts = {
    run,
    source,
    workflow,
    from,
    changed: changesOf(workflow, { before, after: inputs, request }),
  }
  return { plan: planFork(parts), source, workflow, definition, inputs }
}

/** What was sealed stays so: a definition that calls it plain gets another value, or none. */
function refuseUnsealing(
  { isSensitive }: CompiledWorkflow,
  before: JsonObject,
  given: JsonObject = {},
): void {
  const name = Object.keys(before).find(
    (each) =>
      sealedIn(before[each]) !== undefined && !(each in given) && isSensitive?.(each) !== true,
  )
  if (name !== undefined) throw new SensitiveValueError(`input "${name}" of a fork`)
}

/** A file that is given again counts as another one: what it holds may differ. */
function changesOf(
  workflow: CompiledWorkflow,
  { before, after, request }: { before: JsonObject; after: JsonObject; request: Fork },
): ReadonlySet<string> {
  const given = fileInputsOf(workflow, request.inputs ?? {}).map(({ name }) => name)
  return new Set([...changedInputs(before, after), ...given])
}

interface Bringing {
  readonly id: string
  readonly workflow: CompiledWorkflow
  readonly inputs: JsonObject
  readonly request: Fork
}

/** Files of inputs that are given now; those of the other run came with its folder. */
async function bringFiles(
  deps: HistoryDeps,
  { id, workflow, inputs, request }: Bringing,
): Promise<JsonObject> {
  const paths: Record<string, string> = {}
  for (const input of fileInputsOf(workflow, request.inputs ?? {})) {
    paths[input.name] = (await readerOf(deps, input).bring(id, input)).path
  }
  return { ...inputs, ...paths }
}
