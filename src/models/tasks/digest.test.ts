import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { composeDigest } from './digest.ts'
import type { DocumentClaim } from './schema.ts'
import { testClaim } from './testing.ts'

const claimOf = (id: string, doc: string, quote: string, score = 1): DocumentClaim =>
  testClaim(id, quote, { doc, score })

const claims = [
  claimOf('a1', 'a.md', 'Trout fell by 12 percent.'),
  claimOf('b1', 'b.md', 'Trout rose\nby 3 percent.'),
  claimOf('b2', 'b.md', 'Shade cools water.'),
]
const why = { topic: 'trout', reason: 'opposite' }

test('a digest has counts, relations, findings and sources, all quoted', () => {
  const { markdown, citations } = composeDigest({
    title: 'Rivers',
    claims,
    relations: {
      agreements: [],
      contradictions: [{ claims: ['a1', 'b1'], kind: 'direction', ...why }],
      unsupported: [{ claim: 'b2', reason: 'r' }],
    },
  })
  expect(markdown).toMatchInlineSnapshot(`
    "# Rivers

    ## Overview

    - 3 claims in 2 documents
    - 0 agreements
    - 1 contradiction
    - 1 unsupported claim

    ## Agreements

    None.

    ## Contradictions

    - “Trout fell by 12 percent.” (a.md) [1]
      - “Trout rose by 3 percent.” (b.md) [2]

    ## Unsupported claims

    - “Shade cools water.” (b.md) [3]

    ## Findings of a.md

    - “Trout fell by 12 percent.” (a.md) [1]

    ## Findings of b.md

    - “Trout rose by 3 percent.” (b.md) [2]
    - “Shade cools water.” (b.md) [3]

    ## Sources

    - [1] a.md: “Trout fell by 12 percent.”
    - [2] b.md: “Trout rose by 3 percent.”
    - [3] b.md: “Shade cools water.”
    "
  `)
  expect(citations).toHaveLength(3)
})

test('a document shows its five surest claims, in its own order', () => {
  const many = Array.from({ length: 9 }, (_, index) => ({
    ...claimOf(`c${index}`, 'a.md', `Claim number ${index}.`, index),
    start: index * 20,
  }))
  const { citations } = composeDigest({ claims: many })
  expect(citations.map(({ id }) => id)).toEqual(['c4', 'c5', 'c6', 'c7', 'c8'])
})

const someClaims = fc
  .array(fc.record({ doc: fc.constantFrom('x', 'y', 'z'), quote: fc.lorem() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((items) => items.map(({ doc, quote }, index) => claimOf(`id${index}`, doc, quote)))

test.prop([someClaims])('every statement is the passage of a claim with its marker', (given) => {
  const { markdown, citations } = composeDigest({ claims: given })
  const statements = [...markdown.matchAll(/^\s*- “(.+)” \((.+)\) \[(\d+)\]$/gm)]
  expect(statements.length).toBeGreaterThan(0)
  for (const [, quote, doc, marker] of statements) {
    expect(citations.find((each) => `${each.marker}` === marker)).toMatchObject({ quote, doc })
  }
  expect(composeDigest({ claims: given }).markdown).toBe(markdown)
})
