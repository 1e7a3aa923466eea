import { nearestName } from '../../kernel/nearest.ts'
import type { Reference } from '../expressions/references.ts'

import { isMissing, type KnownType, typeAt } from './known-types.ts'

/** What the expressions in one place of a definition may name. */
export interface Scope {
  /** Variables besides JSONata's own functions. */
  readonly variables: ReadonlySet<string>
  /** Why a variable of PRSM is not there, for the hint. */
  readonly absent: ReadonlyMap<string, string>
  /** What each step gives. */
  readonly steps: ReadonlyMap<string, KnownType>
  readonly inputs: KnownType
  /** The same scope with more variables. */
  with(more: readonly string[]): Scope
}

/** Builds a scope; scopes with more variables are made once each. */
export function createScope(parts: Omit<Scope, 'with'>): Scope {
  const extended = new Map<string, Scope>()
  return {
    ...parts,
    with(more) {
      const key = more.join()
      const known = extended.get(key)
      if (known !== undefined) return known
      const scope = createScope({ ...parts, variables: new Set([...parts.variables, ...more]) })
      extended.set(key, scope)
      return scope
    },
  }
}

/** What is wrong with a reference. */
export interface ReferenceFault {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** What one reference means: the step it needs, its type, or what is wrong with it. */
export interface Resolved {
  readonly needs?: string
  readonly type?: KnownType
  readonly fault?: ReferenceFault
}

/** What every step shows in `$steps`. */
const STEP_MEMBERS = ['status', 'output', 'error']

/** Looks a reference up in its scope. */
export function resolveReference({ variable, path }: Reference, scope: Scope): Resolved {
  if (JSONATA_FUNCTIONS.has(variable)) return {}
  if (!scope.variables.has(variable)) return { fault: unknownVariable(variable, scope) }
  if (variable === 'steps') return resolveStep(path, scope)
  if (variable === 'inputs') return resolveInput(path, scope)
  return {}
}

function unknownVariable(variable: string, { variables, absent }: Scope): ReferenceFault {
  const why = absent.get(variable)
  if (why !== undefined) {
    return { code: 'workflow.unknown-name', message: `$${variable} is not known here`, hint: why }
  }
  const nearest = nearestName(variable, [...variables, ...JSONATA_FUNCTIONS])
  return {
    code: 'workflow.unknown-name',
    message: `there is no variable $${variable}`,
    ...(nearest !== undefined && { hint: `did you mean $${nearest}?` }),
  }
}

function resolveStep([name, member, ...rest]: readonly string[], { steps }: Scope): Resolved {
  if (name === undefined) return {}
  if (!steps.has(name)) {
    const nearest = nearestName(name, steps.keys())
    return {
      fault: {
        code: 'workflow.unknown-step',
        message: `there is no step "${name}"`,
        ...(nearest !== undefined && { hint: `did you mean $steps.${nearest}?` }),
      },
    }
  }
  if (member === undefined) return { needs: name }
  if (!STEP_MEMBERS.includes(member)) {
    return {
      needs: name,
      fault: {
        code: 'workflow.unknown-name',
        message: `a step shows ${STEP_MEMBERS.join(', ')}; there is no "${member}"`,
        hint: `did you mean $steps.${name}.output.${member}?`,
      },
    }
  }
  if (member !== 'output') return { needs: name }
  return { needs: name, ...typeOrFault(steps.get(name), rest, `the output of step "${name}"`) }
}

function resolveInput(path: readonly string[], { inputs }: Scope): Resolved {
  return typeOrFault(inputs, path, 'the inputs')
}

function typeOrFault(type: KnownType, path: readonly string[], what: string): Resolved {
  const found = typeAt(type, path)
  if (!isMissing(found)) return found === undefined ? {} : { type: found }
  const nearest = nearestName(found.member, found.known)
  return {
    fault: {
      code: 'workflow.unknown-name',
      message: `${what} have no "${found.member}"`.replace('the output of', 'the outputs of'),
      hint:
        nearest === undefined
          ? `known are: ${found.known.join(', ')}`
          : `did you mean "${nearest}"?`,
    },
  }
}

/** The functions of JSONata 2, without the dollar sign. */
const JSONATA_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl ' +
    'decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor ' +
    'formatBase formatInteger formatNumber fromMillis join keys length lookup lowercase map match max ' +
    'merge millis min not now number pad parseInteger power random reduce replace reverse round shuffle ' +
    'sift single sort split spread sqrt string substring substringAfter substringBefore sum toMillis trim ' +
    'type uppercase zip'
  ).split(' '),
)
