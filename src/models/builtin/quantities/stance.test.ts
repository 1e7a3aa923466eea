import { describe, expect, test } from 'vitest'

import { quantities } from './quantities.ts'
import { stanceOf } from './stance.ts'

const stance = (text: string) => stanceOf(text, quantities(text))

describe('stance', () => {
  test.each([
    ['Yields rose in both years.', 'up'],
    ['Costs came down after the reform.', 'down'],
    ['The strips cut aphid numbers by 35 per cent.', 'down'],
    ['Rivers were colder in the north.', 'down'],
    ['The treatment had no effect on sleep.', 'none'],
    ['Numbers did not differ between groups.', 'none'],
    ['Weight remained stable in both arms.', 'none'],
    ['The price was much the same in both years.', 'none'],
    ['Yields changed little.', 'none'],
    ['The air changed by 0.1 ± 0.3 °C.', 'none'],
    ['The same avenues carry a name.', 'unknown'],
    ['Flat roofs are common in mid-rise blocks.', 'unknown'],
    ['The shop no longer opens on Mondays.', 'unknown'],
    ['Roofs of 600 square metres or more were left out.', 'unknown'],
  ])('%s points %s', (text, direction) => expect(stance(text).direction).toBe(direction))

  test('tells denial from what only looks like it', () => {
    expect(stance('It did not rain.').isNegated).toBe(true)
    expect(stance('It lasted no more than a day, not only here.').isNegated).toBe(false)
  })

  test('tells reserve', () => {
    expect(stance('The effect may be larger elsewhere.').isHedged).toBe(true)
    expect(stance('The effect is larger elsewhere.').isHedged).toBe(false)
  })
})
