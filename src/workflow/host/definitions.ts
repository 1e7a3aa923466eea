import type { JsonObject } from '../../kernel/json.ts'
import { checkDefinition } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { InvalidDefinitionError } from '../errors.ts'

import type { HostDeps } from './deps.ts'

/** The compiled definition of a hash. */
export async function workflowOf(
  {
    deps,
    workflows,
  }: {
    readonly deps: Pick<HostDeps, 'store' | 'kinds'>
    readonly workflows: Map<string, CompiledWorkflow>
  },
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
