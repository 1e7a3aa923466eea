import type { Json } from '../../kernel/json.ts'
import { compileTemplate, type OnSyntaxFault, type Template } from '../expressions/template.ts'
import type { StepKind } from '../steps/step-kind.ts'

import { areDisjoint, isMissing, type KnownType, typeAt, typesOf } from './known-types.ts'
import type { Path } from './path.ts'
import type { Problems } from './problems.ts'
import { checkTemplate } from './references-check.ts'
import type { Step } from './schema.ts'
import type { Scope } from './scope.ts'

/** The compiled parts of a step. */
export interface StepTemplates {
  readonly parameters: Template
  readonly when: Template | undefined
  readonly items: Template | undefined
  readonly expect: Template | undefined
  readonly until: Template | undefined
  readonly output: Template | undefined
  readonly fallback: Template | undefined
  readonly compensate: Template | undefined
  readonly cleanup: Template | undefined
}

/** `forEach` in its long form. */
export function fanOutOf({ forEach }: Step):
  | {
      readonly items: Json
      readonly maxConcurrency?: number | undefined
      readonly expect?: Json | undefined
    }
  | undefined {
  if (forEach === undefined) return undefined
  return typeof forEach === 'string' || Array.isArray(forEach) ? { items: forEach } : forEach
}

/** What compiling the parts of one step needs. */
export interface TemplateParts {
  readonly base: Path
  readonly step: Step
  readonly kind: StepKind | undefined
  /** Receives the steps which expressions read. */
  readonly needed: Set<string>
  readonly scope: Scope
  readonly problems: Problems
}

/** Compiles every template of a step; what is wrong in them is added to the problems. */
export function compileTemplates(parts: TemplateParts): StepTemplates {
  const { base, step, kind } = parts
  const item = step.forEach === undefined ? [] : ['item', 'index']
  const unit = ['attempt', ...item]
  const loop = step.repeat === undefined ? unit : [...unit, 'pass', 'previous']
  const compileAt = (
    path: Path,
    value: Json | undefined,
    variables: readonly string[],
  ): Template | undefined => {
    if (value === undefined) return undefined
    const scope = parts.scope.with(variables)
    const wanted = path[0] === 'with' ? kind?.parameters : undefined
    const opaque = path[0] === 'with' ? kind?.opaque : undefined
    return compileIn({ ...parts, path: [...base, ...path], value, scope, wanted, opaque })
  }
  const undoing = (path: Path, value: Json | undefined): Template =>
    compileAt(path, value, [...unit, 'output']) ?? compileTemplate({})
  const fanOut = fanOutOf(step)
  const isLong = typeof step.forEach === 'object' && !Array.isArray(step.forEach)
  const itemsPath = isLong ? ['forEach', 'items'] : ['forEach']
  const fallback = typeof step.onError === 'object' ? step.onError.output : undefined
  return {
    parameters: compileAt(['with'], step.with, loop) ?? compileTemplate({}),
    when: compileAt(['when'], step.when, []),
    items: compileAt(itemsPath, fanOut?.items, []),
    expect: compileAt(['forEach', 'expect'], fanOut?.expect, ['files']),
    until: compileAt(['repeat', 'until'], step.repeat?.until, [...loop, 'output']),
    output: compileAt(['output'], step.output, [...loop, 'output']),
    fallback: compileAt(['onError', 'output'], fallback, unit),
    compensate: step.compensate && undoing(['compensate', 'with'], step.compensate.with),
    cleanup: step.cleanup && undoing(['cleanup', 'with'], step.cleanup.with),
  }
}

interface TemplateAt extends Pick<TemplateParts, 'scope' | 'problems' | 'needed'> {
  readonly path: Path
  readonly value: Json
  readonly wanted: KnownType
  readonly opaque: readonly string[] | undefined
}

function compileIn({ path, value, scope, needed, wanted, problems, opaque }: TemplateAt): Template {
  const onFault: OnSyntaxFault = (fault, inner) =>
    problems.add([...path, ...inner], {
      code: 'workflow.expression-syntax',
      message: fault instanceof Error ? fault.message : String(fault),
    })
  const template = compileTemplate(value, { onFault, opaque })
  const used = checkTemplate(template, {
    base: path,
    scope,
    problems,
    onType: (inner, given, source) =>
      checkType([...path, ...inner], { inner, given, wanted, source }, problems),
  })
  for (const name of used) needed.add(name)
  return template
}

interface TypeCheck {
  readonly inner: Path
  readonly given: KnownType
  readonly wanted: KnownType
  readonly source: string
}

function checkType(
  path: Path,
  { inner, given, wanted, source }: TypeCheck,
  problems: Problems,
): void {
  const names = inner.filter((part) => typeof part === 'string')
  if (names.length !== inner.length) return
  const target = typeAt(wanted, names)
  if (target === undefined || isMissing(target) || !areDisjoint(given, target)) return
  problems.add(path, {
    code: 'workflow.type-mismatch',
    message: `"${names.at(-1) ?? 'with'}" takes ${nameTypes(target)}, but {% ${source} %} gives ${nameTypes(given)}`,
  })
}

function nameTypes(type: KnownType): string {
  return [...(typesOf(type) ?? [])].join(' or ')
}
