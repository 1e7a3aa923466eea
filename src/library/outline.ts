import type { JsonObject } from '../kernel/json.ts'
import type { CompiledWorkflow } from '../workflow/index.ts'

/**
 * What somebody is shown of a workflow who may run it and not read it: what it is started with, and
 * how its steps hang together.
 *
 * @remarks No parameters, expressions, prompts or code; needs stand in full, since they cannot be
 * found in expressions that are not there.
 */
export function outlineOf({ definition, name, order, steps }: CompiledWorkflow): JsonObject {
  const { description, inputs } = definition
  return {
    apiVersion: 'prsm/v1',
    name,
    ...(description !== undefined && { description }),
    ...(inputs !== undefined && { inputs }),
    steps: Object.fromEntries(
      order.map((step) => {
        const { kind, needs = [], forEach } = steps.get(step) ?? {}
        return [
          step,
          {
            uses: kind?.name ?? '',
            ...(needs.length > 0 && { needs: [...needs] }),
            ...(forEach !== undefined && { forEach: [] }),
          },
        ]
      }),
    ),
  }
}
