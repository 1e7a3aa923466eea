import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import { type MicroFtns, toMicroFtns } from '../kernel/money.ts'
import { refuse, type Result } from '../kernel/result.ts'
import type { Pricing } from '../pricing/index.ts'

import { checkDefinition, type StepKinds } from './definition/check.ts'
import type { CompiledWorkflow } from './definition/compiled.ts'
import { parseSource, type SourceDocument } from './definition/document.ts'
import type { Problem } from './definition/schema.ts'
import {
  InvalidDefinitionError,
  InvalidInputsError,
  RefusedError,
  UnknownRunError,
} from './errors.ts'
import { firstHold, holdOf } from './host/effects.ts'
import type { Engine } from './host/engine.ts'
import { type NewRun, NO_CHANGE, type RunStore, type TimedEvent } from './host/run-store.ts'
import { CONTROL_SIGNAL, toPayload } from './host/signals.ts'
import type { Control } from './machine/decide-run.ts'
import type { RunEvent } from './machine/events.ts'
import { fixedBudget, quoteRun } from './quote.ts'
import type { Quote, RunRecord, RunState } from './schema.ts'

/** What the service needs. */
export interface WorkflowsDeps {
  readonly store: RunStore
  readonly kinds: StepKinds
  readonly pricing: Pricing
  readonly clock: Clock
  readonly ids: Ids
  /** The worker of this process, if it has one. */
  readonly engine: Engine | undefined
}

/** A definition and what it is started with. */
export interface RunRequest {
  readonly tenant: string
  readonly definition: Json
  readonly inputs: JsonObject
  /** Most the run may cost; by default what the definition or the quote says. */
  readonly budget?: MicroFtns
}

/** A message to a step that waits for it. */
export interface SignalRequest {
  readonly tenant: string
  readonly run: string
  readonly signal: string
  readonly step?: string
  readonly index?: number
  readonly payload: Json
  readonly by: string
}

/** Workflows and their runs. */
export interface Workflows {
  /** Reads and checks a definition; gives every problem at once. */
  check(text: string, file?: string): Result<CompiledWorkflow, readonly Problem[]>
  /** @throws {@link InvalidDefinitionError} {@link InvalidInputsError} */
  quote(request: RunRequest): Promise<Quote>
  /**
   * Begins a run: its budget is set aside, and its creation committed, before this resolves.
   *
   * @throws {@link InvalidDefinitionError} {@link InvalidInputsError}
   * @throws {@link RefusedError} the wallet cannot cover the budget.
   */
  submit(request: RunRequest): Promise<RunRecord>
  /** @throws {@link UnknownRunError} */
  getRun(tenant: string, run: string): Promise<RunRecord>
  listRuns(range: Parameters<RunStore['listRuns']>[0]): Promise<readonly RunRecord[]>
  /** The definition a run is pinned to. @throws {@link UnknownRunError} */
  getDefinition(tenant: string, run: string): Promise<JsonObject>
  /** The whole history of a run. @throws {@link UnknownRunError} */
  listEvents(tenant: string, run: string): Promise<readonly TimedEvent[]>
  /**
   * Asks a run to cancel, pause or resume; it does so as soon as its worker hears of it.
   *
   * @throws {@link UnknownRunError} {@link RefusedError} it makes no sense as the run is.
   */
  control(tenant: string, run: string, control: Control): Promise<RunRecord>
  /** Sends a signal to a run. @throws {@link UnknownRunError} {@link RefusedError} the run has ended. */
  signal(request: SignalRequest): Promise<void>
}

/** Builds the service; called once, from the composition root. */
export function createWorkflows(deps: WorkflowsDeps): Workflows {
  const { store, kinds, pricing } = deps
  const cache = createCache(deps)
  const getRun: Workflows['getRun'] = async (tenant, id) => {
    const run = await store.findRun(tenant, id)
    if (run === undefined) throw new UnknownRunError(id)
    return run
  }
  return {
    getRun,
    check(text, file) {
      const source = parseSource(text, file)
      return source.ok ? checkDefinition(source.value, kinds) : refuse(source.refusal)
    },
    async quote({ definition, inputs, budget }) {
      const workflow = cache.compile(definition)
      return quoteRun(workflow, checkInputs(workflow, inputs), {
        pricing,
        ...(budget !== undefined && { budget }),
      })
    },
    submit: (request) => submit(deps, cache, request),
    listRuns: (range) => store.listRuns(range),
    async getDefinition(tenant, id) {
      const run = await getRun(tenant, id)
      return (await store.findDefinition(run.definition)) ?? {}
    },
    async listEvents(tenant, id) {
      await getRun(tenant, id)
      return store.readEvents(id)
    },
    async control(tenant, id, control) {
      checkPossible(await getRun(tenant, id), control.action)
      await store.send({
        id: deps.ids.next('sig'),
        run: id,
        signal: CONTROL_SIGNAL,
        payload: toPayload(control),
        by: control.by,
      })
      return getRun(tenant, id)
    },
    async signal({ tenant, ...signal }) {
      checkPossible(await getRun(tenant, signal.run), 'signal')
      await store.send({ id: deps.ids.next('sig'), ...signal })
    },
  }
}

function compile(definition: Json, kinds: StepKinds): CompiledWorkflow {
  const source: SourceDocument = { value: definition, file: undefined, place: () => undefined }
  const checked = checkDefinition(source, kinds)
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  return checked.value
}

function checkInputs(workflow: CompiledWorkflow, inputs: JsonObject): JsonObject {
  const checked = workflow.checkInputs(inputs)
  if (!checked.ok) throw new InvalidInputsError(checked.issues)
  return checked.value
}

async function submit(deps: WorkflowsDeps, cache: Cache, request: RunRequest): Promise<RunRecord> {
  const { store, pricing, clock, ids, engine } = deps
  const { tenant, definition, budget } = request
  const workflow = cache.compile(definition)
  const inputs = checkInputs(workflow, request.inputs)
  const most = budget ?? workflow.budget ?? cache.fixedBudget(workflow)
  const total = most ?? (await quoteRun(workflow, inputs, { pricing })).budget
  const at = clock.now()
  const { hash, name } = workflow
  if (!cache.isSaved(tenant, hash)) await cache.save(tenant, workflow, definition)
  const id = ids.next('run')
  const run: NewRun = { id, tenant, name, definition: hash, status: 'queued', createdAt: at }
  const event: Created['event'] = {
    kind: 'run.created',
    data: {
      name,
      definition: hash,
      inputs,
      budget: total.toString(),
      ...(total > 0n && { hold: holdOf(id) }),
    },
  }
  const begun = engine?.begin({ run, workflow, created: event })
  const result = await (begun ?? enqueue(store, run, { at, event }))
  if (!result.ok) throw new RefusedError(result.refusal)
  const record = { id, tenant, name, definition: hash, createdAt: at, cost: toMicroFtns(0n) }
  return begun === undefined
    ? { ...record, status: 'queued' }
    : { ...record, status: 'running', startedAt: at }
}

/** What is known of definitions already, so that a workflow that runs often is checked once. */
interface Cache {
  compile(definition: Json): CompiledWorkflow
  /** The budget of a workflow whose quote does not depend on inputs; `undefined` when it may. */
  fixedBudget(workflow: CompiledWorkflow): MicroFtns | undefined
  isSaved(tenant: string, hash: string): boolean
  save(tenant: string, workflow: CompiledWorkflow, definition: Json): Promise<void>
}

/** Definitions a process remembers having saved; more are simply saved again. */
const MAX_SAVED = 10_000

function createCache({ kinds, store, clock, pricing }: WorkflowsDeps): Cache {
  const compiled = new WeakMap<object, CompiledWorkflow>()
  const budgets = new WeakMap<CompiledWorkflow, MicroFtns | 'varies'>()
  const saved = new Set<string>()
  const saving = new Map<string, Promise<void>>()
  return {
    compile(definition) {
      if (!isJsonObject(definition)) return compile(definition, kinds)
      const known = compiled.get(definition)
      if (known !== undefined) return known
      const workflow = compile(definition, kinds)
      compiled.set(definition, workflow)
      return workflow
    },
    fixedBudget(workflow) {
      let known = budgets.get(workflow)
      if (known === undefined)
        budgets.set(workflow, (known = fixedBudget(workflow, pricing) ?? 'varies'))
      return known === 'varies' ? undefined : known
    },
    isSaved: (tenant, hash) => saved.has(`${tenant} ${hash}`),
    async save(tenant, { hash, name }, definition) {
      const key = `${tenant} ${hash}`
      if (!isJsonObject(definition)) return
      const under = saving.get(key)
      if (under !== undefined) return under
      const save = store.saveDefinition({ hash, tenant, name, body: definition, at: clock.now() })
      saving.set(key, save)
      try {
        await save
      } finally {
        saving.delete(key)
      }
      if (saved.size >= MAX_SAVED) saved.clear()
      saved.add(key)
      return undefined
    },
  }
}

/** Leaves the run to whichever worker is free. */
async function enqueue(
  store: RunStore,
  run: NewRun,
  created: Created,
): ReturnType<RunStore['commit']> {
  const result = await store.commit({
    ...NO_CHANGE,
    run: run.id,
    worker: '',
    tenant: run.tenant,
    create: run,
    fromVersion: 1,
    events: [created],
    money: firstHold(created, run),
  })
  if (result.ok) await store.announce()
  return result
}

interface Created extends TimedEvent {
  readonly event: Extract<RunEvent, { readonly kind: 'run.created' }>
}

/** Requests that each state of a run allows; the machine has the last word. */
const POSSIBLE: Readonly<Record<RunState, readonly string[]>> = {
  queued: ['cancel', 'pause', 'resume', 'signal'],
  running: ['cancel', 'pause', 'interrupt', 'resume', 'signal'],
  waiting: ['cancel', 'pause', 'resume', 'signal'],
  paused: ['cancel', 'pause', 'resume', 'signal'],
  cancelling: ['cancel'],
  compensating: [],
  completed: [],
  failed: ['resume'],
  cancelled: ['cancel'],
}

function checkPossible({ id, status }: RunRecord, action: string): void {
  if (POSSIBLE[status].includes(action)) return
  throw new RefusedError({
    code: 'workflow.not-possible',
    message: `cannot ${action} run ${id}: it is ${status}`,
    details: { run: id, status, action },
  })
}
