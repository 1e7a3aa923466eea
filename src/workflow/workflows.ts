import type { Id } from '../kernel/ids.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { refuse, type Result } from '../kernel/result.ts'

import { createDefinitionCache } from './definition-cache.ts'
import { checkDefinition } from './definition/check.ts'
import type { CompiledWorkflow } from './definition/compiled.ts'
import { parseSource, type SourceDocument } from './definition/document.ts'
import type { Problem } from './definition/schema.ts'
import { RefusedError } from './errors.ts'
import { foldRun } from './history/fold.ts'
import { workflowOf } from './host/definitions.ts'
import { CONTROL_SIGNAL, type RunStore, type TimedEvent } from './host/run-store.ts'
import { toPayload } from './host/signals.ts'
import type { Control } from './machine/control.ts'
import { decideControl } from './machine/decide-control.ts'
import { missingRun } from './retention/missing-run.ts'
import type { Quote, RunRecord, RunState } from './schema.ts'
import { maskInputs } from './sealing.ts'
import { quoteRequest, type RunRequest, submit, type WorkflowsDeps } from './submit.ts'

/** A message to a step that waits for it. */
export interface SignalRequest {
  readonly tenant: string
  readonly run: string
  readonly signal: string
  readonly step?: string
  readonly index?: number
  readonly payload: Json
  readonly by: string
  /** Names the letter: one that is kept already is not kept twice. */
  readonly id?: Id<'sig'>
}

/** Workflows and their runs. */
export interface Workflows {
  /** Reads and checks a definition; gives every problem at once. */
  check(text: string, file?: string): Result<CompiledWorkflow, readonly Problem[]>
  /** Checks a definition that was read already; see `loadDefinition`. */
  checkSource(source: SourceDocument): Result<CompiledWorkflow, readonly Problem[]>
  /** @throws {@link InvalidDefinitionError} {@link InvalidInputsError} */
  quote(request: RunRequest): Promise<Quote>
  /**
   * Begins a run: its budget is set aside, and its creation committed, before this resolves.
   *
   * @throws {@link InvalidDefinitionError} {@link InvalidInputsError}
   * @throws {@link RefusedError} the wallet cannot cover the budget.
   */
  submit(request: RunRequest): Promise<RunRecord>
  /**
   * Checks a definition and keeps it, so that runs can be begun by its hash.
   *
   * @throws {@link InvalidDefinitionError}
   */
  keepDefinition(tenant: string, definition: Json): Promise<CompiledWorkflow>
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
  const { store, kinds } = deps
  const cache = createDefinitionCache(deps)
  const getRun: Workflows['getRun'] = async (tenant, id) => {
    const run = await store.findRun(tenant, id)
    if (run === undefined) throw await missingRun(store, tenant, id)
    return run
  }
  return {
    getRun,
    check(text, file) {
      const source = parseSource(text, file)
      return source.ok ? checkDefinition(source.value, kinds) : refuse(source.refusal)
    },
    checkSource: (source) => checkDefinition(source, kinds),
    quote: (request) => quoteRequest(deps, cache, request),
    submit: (request) => submit(deps, cache, request),
    async keepDefinition(tenant, definition) {
      const workflow = cache.compile(definition)
      await cache.save(tenant, workflow, definition)
      return workflow
    },
    listRuns: (range) => store.listRuns(range),
    async getDefinition(tenant, id) {
      const run = await getRun(tenant, id)
      return (await store.findDefinition(run.definition)) ?? {}
    },
    async listEvents(tenant, id) {
      await getRun(tenant, id)
      return (await store.readEvents(id)).map(shown)
    },
    async control(tenant, id, control) {
      const run = await getRun(tenant, id)
      checkPossible(run, control.action)
      if (run.status === 'failed') await checkResumable(deps, run, control)
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

/** An event as people may see it. */
function shown(timed: TimedEvent): TimedEvent {
  const { at, event } = timed
  if (!('inputs' in event.data) || event.data.inputs === undefined) return timed
  const data = { ...event.data, inputs: maskInputs(event.data.inputs) }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- masking changes values, not shapes
  return { at, event: { ...event, data } as TimedEvent['event'] }
}

/** Requests that each state of a run allows; the machine has the last word. */
const POSSIBLE: Readonly<Record<RunState, readonly string[]>> = {
  scheduled: ['cancel', 'pause', 'resume', 'signal'],
  queued: ['cancel', 'pause', 'resume', 'signal'],
  running: ['cancel', 'pause', 'interrupt', 'resume', 'signal'],
  waiting: ['cancel', 'pause', 'resume', 'signal'],
  paused: ['cancel', 'pause', 'resume', 'signal', 'rollback', 'resolve'],
  cancelling: ['cancel'],
  compensating: [],
  completed: ['rollback'],
  failed: ['resume', 'rollback'],
  cancelled: ['cancel', 'rollback'],
}

/** Whether a failed run can go on is told by its history: what was undone cannot be built on. */
async function checkResumable(
  { store, kinds }: WorkflowsDeps,
  { id, definition }: RunRecord,
  control: Control,
): Promise<void> {
  if (control.action !== 'resume') return
  const workflow = await workflowOf({ deps: { store, kinds }, workflows: new Map() }, definition)
  const decided = decideControl(foldRun(workflow, await store.readEvents(id)), control)
  if (!decided.ok) throw new RefusedError(decided.refusal)
}

function checkPossible({ id, status }: RunRecord, action: string): void {
  if (action === 'close-incident' || POSSIBLE[status].includes(action)) return
  throw new RefusedError({
    code: 'workflow.not-possible',
    message: `cannot ${action} run ${id}: it is ${status}`,
    details: { run: id, status, action },
  })
}
