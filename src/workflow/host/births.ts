import type { ErrorRecord } from '../../kernel/errors.ts'
import { ok, type Result } from '../../kernel/result.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import type { RunEvent } from '../machine/events.ts'
import { createRunState } from '../machine/state.ts'

import { createActiveRun, record } from './active-run.ts'
import { pump } from './drive.ts'
import type { EngineState } from './engine-state.ts'
import { roomFor } from './look.ts'
import type { NewRun } from './run-store.ts'

/** A run to be begun here. */
export interface Birth {
  readonly run: NewRun
  readonly workflow: CompiledWorkflow
  readonly created: Extract<RunEvent, { readonly kind: 'run.created' }>
  /** Results of another run that this one begins with. */
  readonly adopted?: readonly RunEvent[]
}

/** Begins a new run here; see `Engine.begin`. */
export function begin(
  engine: EngineState,
  birth: Birth,
): Promise<Result<void, ErrorRecord>> | undefined {
  const { deps, options, worker } = engine
  const { workflow, created, adopted = [] } = birth
  const { id, tenant, terms, notBefore } = birth.run
  const isFull = engine.hasBacklog || engine.runs.size >= options.maxRuns || roomFor(engine) <= 0
  if (engine.phase !== 'working' || isFull) return undefined
  // Whether there is room for it is for the queue to say.
  if (terms?.key !== undefined || notBefore !== undefined) return undefined
  if (engine.runs.has(id)) return join(engine, id)
  engine.workflows.set(workflow.hash, workflow)
  const run = createActiveRun(deps, engine.hooks, {
    id,
    tenant,
    worker,
    state: createRunState(workflow),
  })
  engine.runs.set(id, run)
  const born = new Promise<Result<void, ErrorRecord>>((resolve) => engine.births.set(id, resolve))
  record(run, [created, ...adopted, { kind: 'run.started', data: { worker } }], {
    create: ownedBy(birth.run, worker),
    after: () => settleBirth(engine, id, ok(undefined)),
  })
  pump(run)
  return born
}

/** The same request came twice: both are told what became of the one run. */
function join({ births }: EngineState, id: string): Promise<Result<void, ErrorRecord>> {
  const first = births.get(id)
  if (first === undefined) return Promise.resolve(ok(undefined))
  return new Promise((resolve) => {
    births.set(id, (result) => {
      first(result)
      resolve(result)
    })
  })
}

/** Tells whoever began a run whether it was recorded. */
export function settleBirth(
  engine: EngineState,
  id: string,
  result: Result<void, ErrorRecord>,
): void {
  engine.births.get(id)?.(result)
  engine.births.delete(id)
}

function ownedBy(run: NewRun, owner: string): NewRun {
  const { parent, startedAt, ...rest } = run
  void parent
  void startedAt
  return { ...rest, owner }
}
