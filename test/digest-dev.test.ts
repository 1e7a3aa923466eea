/**
 * How the offline model's rules read the reports they were developed on, straight through the
 * algorithms: quick enough to run after every change. None of these figures is a claim about other
 * reports; that one is measured in test/bars/digest.int.test.ts.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, test } from 'vitest'

import score from '../examples/literature-digest/score.mjs'
import { claims as claimsOf } from '../src/models/builtin/claims/claims.ts'
import { relate } from '../src/models/builtin/relations/relate.ts'
import { htmlToText } from '../src/platform/documents/html-text.ts'

const ROOT = resolve(import.meta.dirname, '..')
const CATEGORIES = ['claims', 'agreements', 'contradictions', 'unsupported'] as const

type Category = (typeof CATEGORIES)[number]
type Floors = Readonly<Record<Category, readonly [precision: number, recall: number]>>

function readDocuments(folder: string): readonly { readonly doc: string; readonly text: string }[] {
  return readdirSync(folder)
    .toSorted()
    .map((doc) => {
      const raw = readFileSync(join(folder, doc), 'utf8')
      return { doc, text: doc.endsWith('.html') ? htmlToText(raw).text : raw }
    })
}

function scoreOf(folder: string): ReturnType<typeof score> {
  const documents = readDocuments(join(folder, 'docs'))
  const claims = documents.flatMap(({ doc, text }, index) =>
    claimsOf({ text }).map((claim, at) => ({ ...claim, doc, id: `d${index + 1}c${at + 1}` })),
  )
  const relations = relate(claims)
  const key = JSON.parse(readFileSync(join(folder, 'answer-key.json'), 'utf8'))
  return score({ key, documents, claims, relations })
}

function print(name: string, marks: ReturnType<typeof score>): void {
  const lines = CATEGORIES.map((category) => {
    const { precision, recall, right, found, expected } = marks[category]
    return `  ${category.padEnd(15)} precision ${precision.toFixed(2)}  recall ${recall.toFixed(2)}  (${right} of ${found} right, ${expected} in the key)`
  })
  // oxlint-disable-next-line no-console -- the figures are what this test is for
  console.log([`offline model on ${name}:`, ...lines].join('\n'))
}

describe('reports of the development', () => {
  test.each<readonly [string, string, Floors]>([
    [
      'roofs, trees and shade',
      'examples/literature-digest',
      {
        claims: [0.82, 0.93],
        agreements: [0.95, 0.65],
        contradictions: [0.75, 0.7],
        unsupported: [0.95, 0.9],
      },
    ],
    [
      'hand hygiene',
      'test/fixtures/digest-dev-hygiene',
      {
        claims: [0.8, 0.9],
        agreements: [0.8, 0.7],
        contradictions: [0.7, 0.7],
        unsupported: [0.8, 0.8],
      },
    ],
    [
      'batteries',
      'test/fixtures/digest-dev-battery',
      {
        claims: [0.78, 0.9],
        agreements: [0.8, 0.4],
        contradictions: [0.8, 0.6],
        unsupported: [0.75, 0.8],
      },
    ],
  ])('on %s are read as well as when the rules were chosen', (name, folder, floors) => {
    const marks = scoreOf(join(ROOT, folder))
    print(name, marks)
    const fallen = CATEGORIES.filter((category) => {
      const [precision, recall] = floors[category]
      return marks[category].precision < precision || marks[category].recall < recall
    })
    expect(fallen).toEqual([])
  })

  test('on reading programmes, which nothing was tuned on, are read with these marks', () => {
    const marks = scoreOf(join(ROOT, 'test/fixtures/digest-dev-reading'))
    print('reading programmes (not tuned on)', marks)
    // Floors only where the rules carry over: claims and agreements.
    expect(marks.claims.precision).toBeGreaterThanOrEqual(0.8)
    expect(marks.claims.recall).toBeGreaterThanOrEqual(0.8)
    expect(marks.agreements.precision).toBeGreaterThanOrEqual(0.8)
  })
})
