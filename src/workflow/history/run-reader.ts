import type { JsonObject } from '../../kernel/json.ts'
import { checkDefinition, type StepKinds } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { InvalidDefinitionError } from '../errors.ts'
import type { RunStore, TimedEvent } from '../host/run-store.ts'
import { missingRun } from '../retention/missing-run.ts'
import type { RunRecord } from '../schema.ts'

/** A run as it is stored, with the definition under which it folds. */
export interface ReadRun {
  readonly record: RunRecord
  readonly definition: JsonObject
  readonly workflow: CompiledWorkflow
  readonly events: readonly TimedEvent[]
}

/** Reads runs with their definitions. */
export interface RunReader {
  /** @throws {@link UnknownRunError} */
  record(tenant: string, run: string): Promise<RunRecord>
  /** @throws {@link UnknownRunError} {@link InvalidDefinitionError} a kind of step is not known here. */
  read(tenant: string, run: string): Promise<ReadRun>
  /** The definition of this content hash, compiled. @throws {@link InvalidDefinitionError} */
  workflow(hash: string): Promise<CompiledWorkflow>
}

/** Builds the reader of one service. */
export function createRunReader({
  store,
  kinds,
}: {
  readonly store: RunStore
  readonly kinds: StepKinds
}): RunReader {
  const bodyOf = async (hash: string): Promise<JsonObject> =>
    (await store.findDefinition(hash)) ?? {}
  const record: RunReader['record'] = async (tenant, id) => {
    const found = await store.findRun(tenant, id)
    if (found === undefined) throw await missingRun(store, tenant, id)
    return found
  }
  return {
    record,
    async read(tenant, id) {
      const found = await record(tenant, id)
      const definition = await bodyOf(found.definition)
      const events = await store.readEvents(id)
      return { record: found, definition, workflow: compile(definition, kinds), events }
    },
    workflow: async (hash) => compile(await bodyOf(hash), kinds),
  }
}

function compile(value: JsonObject, kinds: StepKinds): CompiledWorkflow {
  const checked = checkDefinition({ value, file: undefined, place: () => undefined }, kinds)
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  return checked.value
}
