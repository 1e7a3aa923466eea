import type { StepKind } from '../steps/step-kind.ts'

import type { KnownType } from './known-types.ts'
import type { DefinitionHead, Step } from './schema.ts'
import { createScope, type Scope } from './scope.ts'

/** What the scope of a definition is made of. */
export interface ScopeParts {
  readonly head: DefinitionHead | undefined
  readonly steps: ReadonlyMap<string, Step>
  /** Names of all steps, the malformed ones included. */
  readonly all: ReadonlySet<string>
  readonly kinds: ReadonlyMap<string, StepKind>
}

/** What every expression of the definition may name; each place adds its own variables. */
export function scopeOf({ head, steps, all, kinds }: ScopeParts): Scope {
  const types = new Map<string, KnownType>()
  for (const name of all) {
    const step = steps.get(name)
    types.set(name, step === undefined ? undefined : typeOfStep(step, kinds))
  }
  return createScope({
    variables: new Set(['inputs', 'steps', 'run']),
    absent: new Map([
      [
        'item',
        '$item is the item of a forEach: it is known in "with", "output" and "compensate" of a step that has one',
      ],
      [
        'index',
        '$index is the position in a forEach: it is known in "with", "output" and "compensate" of a step that has one',
      ],
      [
        'output',
        '$output is what the step gave: it is known in "output", "repeat.until" and "compensate"',
      ],
      [
        'attempt',
        '$attempt counts the tries of a step: it is known in "with", "output", "repeat.until", "onError" and "compensate"',
      ],
      [
        'previous',
        '$previous is what the last pass gave: it is known in "with" of a step with "repeat"',
      ],
      [
        'files',
        '$files tells how many files an input names, and how large they are: it is known in "forEach.expect"',
      ],
      ['pass', '$pass counts the passes of a "repeat"'],
      [
        'states',
        'write $inputs for the input of the run and $steps.NAME.output for what a step gave',
      ],
      ['secrets', 'write { $secret: NAME } as a value in "with"'],
    ]),
    steps: types,
    inputs: head?.inputs,
  })
}

function typeOfStep(step: Step, kinds: ReadonlyMap<string, StepKind>): KnownType {
  const gives = kinds.get(step.uses)?.gives
  const isReplaced =
    step.output !== undefined || typeof step.onError === 'object' || step.onError === 'continue'
  if (gives === undefined || isReplaced) return undefined
  return step.forEach === undefined ? gives : { type: 'array', items: gives }
}
