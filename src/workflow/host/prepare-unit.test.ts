import { expect, test } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import { compileTemplate } from '../expressions/template.ts'
import { createRunState } from '../machine/state.ts'
import { compile } from '../machine/testing.ts'

import { evaluate, type UnitScope } from './prepare-unit.ts'

test.each([
  ['{% $item * 2 %}', 6, []],
  ['{% $steps.small.output + $item %}', 4, ['small']],
  ['{% $count($keys($steps)) %}', 2, ['large', 'small']],
])('for %s only what it reads is fetched', async (text, expected, fetched) => {
  const state = createRunState(compile({ large: {}, small: {} }))
  for (const [name, step] of state.steps) step.output = name
  const asked: Json[] = []
  const artifacts = {
    inflate: async (value: Json) => {
      asked.push(value)
      return 1
    },
  }
  // Nothing else of a run is looked at.
  const scope = { id: 'run_1', state, deps: { artifacts } } as unknown as UnitScope
  const moment = { run: { id: 'run_1', name: 'x' }, steps: ['large', 'small'], more: { item: 3 } }
  expect(await evaluate(scope, compileTemplate(text), moment)).toBe(expected)
  expect(asked).toEqual(fetched)
})
