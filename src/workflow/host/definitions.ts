import type { JsonObject } from '../../kernel/json.ts'
import { checkDefinition } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { InvalidDefinitionError } from '../errors.ts'

import type { EngineState } from './engine-state.ts'

/** The compiled definition of a hash. */
export async function workflowOf(
  { deps, workflows }: Pick<EngineState, 'deps' | 'workflows'>,
  hash: string,
): Promise<CompiledWorkflow> {
  const known = workflows.get(hash)
  if (known !== undefined) return known
  const body: JsonObject | undefined = await deps.store.findDefinition(hash)
  const source = { value: body ?? null, file: undefined, place: () => undefined }
  const checked = checkDefinition(source, deps.kinds)
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  workflows.set(hash, checked.value)
  return checked.value
}
