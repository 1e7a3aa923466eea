import type { Clock } from '../kernel/clock.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'
import type { MicroFtns } from '../kernel/money.ts'

import { checkDefinition, type StepKinds } from './definition/check.ts'
import type { CompiledWorkflow } from './definition/compiled.ts'
import type { SourceDocument } from './definition/document.ts'
import { InvalidDefinitionError } from './errors.ts'
import type { RunStore } from './host/run-store.ts'
import { fixedBudget, type QuoteTerms } from './quote.ts'

/** What the memory of definitions needs. */
export interface CacheDeps extends QuoteTerms {
  readonly kinds: StepKinds
  readonly store: RunStore
  readonly clock: Clock
}

/** What is known of definitions already, so that a workflow that runs often is checked once. */
export interface DefinitionCache {
  compile(definition: Json): CompiledWorkflow
  /** The budget of a workflow whose quote does not depend on inputs; `undefined` when it may. */
  fixedBudget(workflow: CompiledWorkflow): MicroFtns | undefined
  isSaved(tenant: string, hash: string): boolean
  save(tenant: string, workflow: CompiledWorkflow, definition: Json): Promise<void>
}

/** Definitions a process remembers having saved; more are simply saved again. */
const MAX_SAVED = 10_000

/** Builds an empty memory. */
export function createDefinitionCache({
  kinds,
  store,
  clock,
  pricing,
  leastBudget,
}: CacheDeps): DefinitionCache {
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
        budgets.set(workflow, (known = fixedBudget(workflow, { pricing, leastBudget }) ?? 'varies'))
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

/** @throws {@link InvalidDefinitionError} */
function compile(definition: Json, kinds: StepKinds): CompiledWorkflow {
  const source: SourceDocument = { value: definition, file: undefined, place: () => undefined }
  const checked = checkDefinition(source, kinds)
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  return checked.value
}
