import type { Clock, EpochMs } from '../kernel/clock.ts'
import { toErrorRecord } from '../kernel/errors.ts'
import type { Id, Ids } from '../kernel/ids.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { type MicroFtns, toMicroFtns } from '../kernel/money.ts'
import { refuse } from '../kernel/result.ts'

import type { DefinitionCache } from './definition-cache.ts'
import type { StepKinds } from './definition/check.ts'
import type { CompiledWorkflow } from './definition/compiled.ts'
import type { QueueOptions } from './definition/schema.ts'
import { FencedError, FilesNotAllowedError, InvalidInputsError, RefusedError } from './errors.ts'
import type { Birth } from './host/births.ts'
import { firstHold, holdOf } from './host/effects.ts'
import type { Engine } from './host/engine.ts'
import { type NewRun, NO_CHANGE, type RunStore } from './host/run-store.ts'
import { type FileInput, fileInputsOf, type FoundFiles, type InputFiles } from './input-files.ts'
import { checkMaxCost, settleQueueTerms } from './queue-terms.ts'
import { quoteRun, type QuoteTerms } from './quote.ts'
import type { Quote, RunRecord } from './schema.ts'
import { maskSensitive, sealInputs, type Sealing } from './sealing.ts'

/** What the service needs. */
export interface WorkflowsDeps extends QuoteTerms {
  readonly store: RunStore
  readonly kinds: StepKinds
  readonly clock: Clock
  readonly ids: Ids
  /** The worker of this process, if it has one. */
  readonly engine: Engine | undefined
  readonly sealing: Sealing
  /** How inputs that name files are read; without it they are refused. */
  readonly inputFiles?: InputFiles
}

/** A definition and what it is started with. */
export interface RunRequest {
  readonly tenant: string
  readonly definition: Json
  readonly inputs: JsonObject
  /** Id of the run; a run of this id that exists already is given back, and none is begun. */
  readonly id?: Id<'run'>
  /** Most the run may cost; by default what the definition or the quote says. */
  readonly budget?: MicroFtns
  /** When it may begin, and how urgent it is; goes before what the definition says. */
  readonly queue?: QueueOptions
  /** Which schedule begins it, and the time it is meant for. */
  readonly scheduled?: { readonly schedule: string; readonly scheduledAt: EpochMs }
}

/** What a request is expected to cost, before anything is begun or copied. */
export async function quoteRequest(
  deps: WorkflowsDeps,
  cache: DefinitionCache,
  { definition, inputs, budget }: RunRequest,
): Promise<Quote> {
  const { pricing, leastBudget } = deps
  const workflow = cache.compile(definition)
  const checked = checkInputs(workflow, inputs)
  const files: Record<string, FoundFiles> = {}
  for (const input of fileInputsOf(workflow, checked)) {
    files[input.name] = await readerOf(deps, input).measure(input)
  }
  return quoteRun(workflow, checked, { pricing, leastBudget, budget, files })
}

/** Begins a run; see `Workflows.submit`. */
export async function submit(
  deps: WorkflowsDeps,
  cache: DefinitionCache,
  request: RunRequest,
): Promise<RunRecord> {
  const { store, clock, ids } = deps
  const { tenant, definition } = request
  if (request.id !== undefined) {
    const known = await store.findRun(tenant, request.id)
    if (known !== undefined) return known
  }
  const workflow = cache.compile(definition)
  const id = request.id ?? ids.next('run')
  const { inputs, budget } = await settleTerms(deps, cache, { request, workflow, id })
  const at = clock.now()
  const { hash, name } = workflow
  if (!cache.isSaved(tenant, hash)) await cache.save(tenant, workflow, definition)
  const { queue: wanted } = request
  const shown = maskSensitive(workflow, inputs)
  const settled = await settleQueueTerms({ tenant, workflow, wanted, inputs: shown, now: at })
  const status = settled.notBefore === undefined ? 'queued' : 'scheduled'
  const run: NewRun = { id, tenant, name, definition: hash, status, createdAt: at, ...settled }
  const event: Birth['created'] = {
    kind: 'run.created',
    data: {
      name,
      definition: hash,
      inputs: await sealInputs(deps.sealing, { id, tenant, workflow }, inputs),
      budget: budget.toString(),
      ...(budget > 0n && { hold: holdOf(id) }),
      ...(settled.terms !== undefined && { terms: settled.terms }),
      ...request.scheduled,
    },
  }
  return launch(deps, { run, workflow, created: event })
}

/**
 * Begins a run here, or leaves it to whichever worker is free.
 *
 * @throws {@link RefusedError} the wallet cannot cover the budget.
 */
export async function launch(deps: WorkflowsDeps, birth: Birth): Promise<RunRecord> {
  const { store, engine } = deps
  const { run } = birth
  const { id, tenant, name, definition, status, createdAt, forkedFrom } = run
  const begun = engine?.begin(birth)
  const result = await (begun ?? enqueue(store, birth))
  if (!result.ok) return existing(deps, run, result.refusal)
  const lineage = forkedFrom !== undefined && { forkedFrom }
  const record = { id, tenant, name, definition, createdAt, ...lineage, cost: toMicroFtns(0n) }
  if (begun === undefined) return { ...record, status }
  return { ...record, status: 'running', startedAt: createdAt }
}

/** Another process may have begun the run of the same id at the same moment: then it is that one. */
async function existing(
  { store }: WorkflowsDeps,
  { tenant, id }: NewRun,
  refusal: ConstructorParameters<typeof RefusedError>[0],
): Promise<RunRecord> {
  const known = await store.findRun(tenant, id)
  if (known === undefined) throw new RefusedError(refusal)
  return known
}

interface Terms {
  readonly inputs: JsonObject
  readonly budget: MicroFtns
}

interface Submission {
  readonly request: RunRequest
  readonly workflow: CompiledWorkflow
  readonly id: string
}

/** The inputs as the run sees them, and the most it may cost. */
async function settleTerms(
  deps: WorkflowsDeps,
  cache: DefinitionCache,
  { request, workflow, id }: Submission,
): Promise<Terms> {
  const checked = checkInputs(workflow, request.inputs)
  const files: Record<string, FoundFiles> = {}
  const paths: Record<string, Json> = {}
  for (const input of fileInputsOf(workflow, checked)) {
    const { path, ...found } = await readerOf(deps, input).bring(id, input)
    files[input.name] = found
    paths[input.name] = path
  }
  const inputs = { ...checked, ...paths }
  const { budget, queue } = request
  const terms = { workflow, inputs, files, ...(budget !== undefined && { budget }) }
  return { inputs, budget: await settleBudget(deps, cache, { ...terms, queue }) }
}

/** What the budget of a run follows from. */
export interface BudgetParts {
  readonly workflow: CompiledWorkflow
  readonly inputs: JsonObject
  readonly budget?: MicroFtns | undefined
  readonly queue?: QueueOptions | undefined
  readonly files?: Readonly<Record<string, FoundFiles>>
}

/** The most a run may cost: as asked for, as its definition says, or as it is quoted. */
export async function settleBudget(
  { pricing, leastBudget }: WorkflowsDeps,
  cache: DefinitionCache,
  { workflow, inputs, budget, queue, files = {} }: BudgetParts,
): Promise<MicroFtns> {
  const most = budget ?? workflow.budget ?? cache.fixedBudget(workflow)
  const isCapped = (queue?.maxCost ?? workflow.queue.maxCost) !== undefined
  if (most !== undefined && !isCapped) return most
  const quote = await quoteRun(workflow, inputs, { pricing, leastBudget, files })
  checkMaxCost(workflow, queue, quote.expected)
  return most ?? quote.budget
}

/** How the file of an input is read. @throws {@link FilesNotAllowedError} */
export function readerOf({ inputFiles }: WorkflowsDeps, input: FileInput): InputFiles {
  if (inputFiles === undefined) throw new FilesNotAllowedError(input.name, input.path)
  return inputFiles
}

/** The inputs with defaults filled in. @throws {@link InvalidInputsError} */
export function checkInputs(workflow: CompiledWorkflow, inputs: JsonObject): JsonObject {
  const checked = workflow.checkInputs(inputs)
  if (!checked.ok) throw new InvalidInputsError(checked.issues)
  return checked.value
}

/** Leaves the run to whichever worker is free; refused when there is a run of its id by now. */
async function enqueue(
  store: RunStore,
  { run, created: event, adopted = [] }: Birth,
): ReturnType<RunStore['commit']> {
  const at = run.createdAt
  const created = { at, event }
  const change = {
    ...NO_CHANGE,
    run: run.id,
    worker: '',
    tenant: run.tenant,
    create: run,
    fromVersion: 1,
    events: [created, ...adopted.map((each) => ({ at, event: each }))],
    money: firstHold(created, run),
  }
  try {
    const result = await store.commit(change)
    if (result.ok) await store.announce()
    return result
  } catch (fault) {
    if (fault instanceof FencedError) return refuse(toErrorRecord(fault))
    throw fault
  }
}
