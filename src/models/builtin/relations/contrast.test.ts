import { describe, expect, test } from 'vitest'

import { measurementsIn } from '../claims/document.ts'
import { quantities } from '../quantities/quantities.ts'

import { contrastIn } from './contrast.ts'

const contrast = (text: string) => contrastIn(text, measurementsIn(text, quantities(text)))

describe('two levels side by side', () => {
  test.each([
    ['Yields were 30 kg against 60 kg.', 'down', true],
    [
      'Sore skin was found in 18 per cent in the first year and in 31 per cent in the second.',
      'up',
      true,
    ],
    ['Load was 41 kW, against 19 kW in the quarter before.', 'up', true],
    ['Nurses reached 74 per cent and doctors 53 per cent.', 'up', false],
    ['It held 99 ± 2 per cent of what it had been at the start.', 'none', true],
    ['It held 80 per cent of its original capacity.', 'down', true],
  ])('%s', (text, direction, isMarked) => {
    expect(contrast(text)).toMatchObject({ direction, isMarked })
  })

  test.each(['Yields were 30 kg.', 'Yields were 30 kg, 40 kg and 60 kg.', 'It was 30 kg at 5 °C.'])(
    'are not seen in: %s',
    (text) => expect(contrast(text)).toBeUndefined(),
  )

  test('give the change between them', () => {
    const found = contrast('Compliance was 60 per cent, against 40 per cent before.')
    expect(found?.changes.map(({ unit, value }) => [unit, Math.round(value)])).toEqual([
      ['%', 50],
      ['pp', 20],
    ])
  })
})
