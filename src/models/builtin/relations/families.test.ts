import { expect, test } from 'vitest'

import { createTermReader } from '../../../language/index.ts'
import { claims } from '../claims/claims.ts'

import { joinFamilies } from './families.ts'
import { toStatement } from './statement.ts'

const statements = (...quotes: readonly string[]) =>
  joinFamilies(
    quotes.flatMap((quote, index) =>
      claims({ text: `# Report\n\n## Results\n\n${quote}` }).map((claim) =>
        toStatement(createTermReader(), { ...claim, id: String(index), doc: String(index) }),
      ),
    ),
  )

test('words of one family are one term where both occur', () => {
  const [a, b] = statements(
    'Blood infections fell by 5 per cent.',
    'Bloodstream infections rose by 9 per cent.',
  )
  expect([...(a?.own ?? [])].filter((term) => b?.own.has(term))).toHaveLength(2)
})

test('a word alone keeps its own term', () => {
  const [a] = statements('Bloodstream infections rose by 9 per cent.')
  expect(a?.own).toContain('bloodstream')
})

test('short beginnings make no family', () => {
  const [a, b] = statements('Cars cost 9 euros.', 'Carpets cost 12 euros.')
  expect(a?.own).toContain('car')
  expect(b?.own).not.toContain('car')
})
