import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Template } from '../expressions/template.ts'
import type { RunState } from '../machine/state.ts'
import { maskInputs, placeOfInput, sealedIn } from '../sealing.ts'

import type { HostDeps } from './deps.ts'
import { textsIn } from './redact.ts'

/** A run whose sensitive inputs may be opened. */
export interface OpenScope {
  readonly id: string
  readonly tenant: string
  readonly state: RunState
  readonly deps: HostDeps
  /** Sensitive inputs that were opened, by name. */
  readonly opened: Map<string, Json>
}

/** The inputs as a template sees them: sensitive ones are opened if it names them, and hidden else. */
export function inputsFor(scope: OpenScope, template: Template): JsonObject | Promise<JsonObject> {
  const { workflow, inputs } = scope.state
  if (workflow.isSensitive === undefined) return inputs
  const names = new Set<string>()
  for (const { expression } of template.expressions) {
    for (const { variable, path } of expression.references) {
      if (variable !== 'inputs') continue
      const [name] = path
      // Whoever takes all of them as one value may take any.
      for (const each of name === undefined ? Object.keys(inputs) : [name]) names.add(each)
    }
  }
  return openInputs(scope, (name) => names.has(name))
}

/** The inputs with those sensitive ones opened that are wanted. */
export async function openInputs(
  scope: OpenScope,
  isWanted: (name: string) => boolean = () => true,
): Promise<JsonObject> {
  const { workflow, inputs } = scope.state
  if (workflow.isSensitive === undefined) return inputs
  const opened: Record<string, Json> = { ...maskInputs(inputs) }
  for (const [name, value] of Object.entries(inputs)) {
    const sealed = workflow.isSensitive(name) ? sealedIn(value) : undefined
    if (sealed !== undefined && isWanted(name)) opened[name] = await openInput(scope, name, sealed)
  }
  return opened
}

async function openInput(
  { id, tenant, deps, opened }: OpenScope,
  name: string,
  sealed: string,
): Promise<Json> {
  const known = opened.get(name)
  if (known !== undefined) return known
  const value = await deps.sealing.open(tenant, placeOfInput(id, name), sealed)
  opened.set(name, value)
  return value
}

/** What must not be in anything that is recorded of a run: values of its secrets and opened inputs. */
export function hiddenIn(
  { opened }: Pick<OpenScope, 'opened'>,
  secrets: readonly string[],
): readonly string[] {
  if (opened.size === 0) return secrets
  return [...secrets, ...[...opened.values()].flatMap((value) => textsIn(value))]
}
