import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { StepKind } from '../steps/step-kind.ts'

import type { Path } from './path.ts'
import { type Problems, suggest } from './problems.ts'
import type { Step } from './schema.ts'
import type { Scope } from './scope.ts'
import { compileTemplates, type StepTemplates } from './step-templates.ts'

/** What the check of a step looks at beside the step. */
export interface StepContext {
  readonly scope: Scope
  readonly kinds: ReadonlyMap<string, StepKind>
  readonly problems: Problems
  /** Secrets the definition declares. */
  readonly secrets: ReadonlySet<string>
}

/** A step with its templates compiled and its needs known. */
export interface CheckedStep {
  readonly name: string
  readonly step: Step
  /** `undefined` when the kind is unknown, which was reported. */
  readonly kind: StepKind | undefined
  readonly compensateKind: StepKind | undefined
  readonly cleanupKind: StepKind | undefined
  readonly needs: readonly string[]
  readonly templates: StepTemplates
}

/** Checks one well-formed step; whatever is wrong is added to the problems. */
export function checkStep(name: string, step: Step, context: StepContext): CheckedStep {
  const base: Path = ['steps', name]
  const kind = findKind([...base, 'uses'], step.uses, context)
  if (kind !== undefined) checkWith([...base, 'with'], { kind, value: step.with ?? {} }, context)
  if (kind?.isWait === true) checkWait(base, step, context)
  const compensateKind = checkUndoing([...base, 'compensate'], step.compensate, context)
  const cleanupKind = checkUndoing([...base, 'cleanup'], step.cleanup, context)
  const needed = new Set<string>()
  const templates = compileTemplates({ base, step, kind, needed, ...context })
  for (const need of explicitNeeds(step)) {
    if (checkNeed(need, { name, base }, context)) needed.add(need)
  }
  return { name, step, kind, compensateKind, cleanupKind, needs: [...needed], templates }
}

/** What only steps that do work have a use for, and what does the same for one that waits. */
const ONLY_FOR_WORK = {
  output: 'shape what it gives in a step that needs it, with "uses: transform"',
  repeat: 'write as many of these steps as there are rounds, each needing the one before',
  runsOn: 'it runs on no worker; leave it out',
  preemptible: 'it runs on no worker; leave it out',
} as const

/** A step that waits gives what it has waited for, once. */
function checkWait(base: Path, step: Step, { problems }: StepContext): void {
  for (const [member, hint] of Object.entries(ONLY_FOR_WORK)) {
    if (Object.hasOwn(step, member)) {
      problems.add([...base, member], {
        code: 'workflow.only-for-work',
        message: `"${step.uses}" waits, and "${member}" has no effect on it`,
        hint,
      })
    }
  }
}

/** Checks what undoes a step, or removes what it leaves; gives its kind. */
function checkUndoing(
  base: Path,
  plan: Step['compensate'],
  context: StepContext,
): StepKind | undefined {
  if (plan === undefined) return undefined
  const kind = findKind([...base, 'uses'], plan.uses, context)
  if (kind === undefined) return undefined
  checkWith([...base, 'with'], { kind, value: plan.with ?? {} }, context)
  return kind
}

/** `needs` as a list. */
export function explicitNeeds({ needs = [] }: Step): readonly string[] {
  return typeof needs === 'string' ? [needs] : needs
}

function findKind(
  path: Path,
  uses: string,
  { kinds, problems }: StepContext,
): StepKind | undefined {
  const kind = kinds.get(uses)
  if (kind !== undefined) return kind
  const hint = suggest(uses, kinds.keys()) ?? `known are: ${[...kinds.keys()].join(', ')}`
  problems.add(path, {
    code: 'workflow.unknown-kind',
    message: `there is no kind of step "${uses}"`,
    hint,
  })
  return undefined
}

function checkNeed(
  need: string,
  { name, base }: { readonly name: string; readonly base: Path },
  { scope, problems }: StepContext,
): boolean {
  if (scope.steps.has(need)) return true
  const hint = suggest(
    need,
    [...scope.steps.keys()].filter((other) => other !== name),
  )
  problems.add([...base, 'needs'], {
    code: 'workflow.unknown-step',
    message: `step "${name}" needs "${need}", which does not exist`,
    ...(hint !== undefined && { hint }),
  })
  return false
}

interface WithCheck {
  readonly kind: StepKind
  readonly value: JsonObject
}

function checkWith(
  base: Path,
  { kind, value }: WithCheck,
  { problems, secrets }: StepContext,
): void {
  for (const { path, message, unknownKey } of kind.checkParameters(value)) {
    const known = isJsonObject(kind.parameters['properties'])
      ? Object.keys(kind.parameters['properties'])
      : []
    const hint = unknownKey === undefined ? undefined : suggest(unknownKey, known)
    problems.add([...base, ...path], {
      code: 'workflow.invalid-parameters',
      message: `${message} ("uses: ${kind.name}")`,
      ...(hint !== undefined && { hint }),
    })
  }
  for (const { path, name } of secretsIn(value)) {
    if (!kind.takesSecrets) {
      problems.add([...base, ...path], {
        code: 'workflow.secret-not-allowed',
        message: `"${kind.name}" takes no secrets`,
      })
    } else if (!secrets.has(name)) {
      const hint =
        suggest(name, secrets) ?? `add "${name}" to "secrets" at the top of the definition`
      problems.add([...base, ...path], {
        code: 'workflow.unknown-secret',
        message: `secret "${name}" is not declared`,
        hint,
      })
    }
  }
}

/** Every `{ $secret: NAME }` in a value. */
export function secretsIn(
  value: Json,
  path: Path = [],
): readonly { readonly path: Path; readonly name: string }[] {
  if (Array.isArray(value))
    return value.flatMap((item: Json, index) => secretsIn(item, [...path, index]))
  if (!isJsonObject(value)) return []
  const name = value['$secret']
  if (typeof name === 'string') return [{ path, name }]
  return Object.entries(value).flatMap(([key, member]) => secretsIn(member, [...path, key]))
}
