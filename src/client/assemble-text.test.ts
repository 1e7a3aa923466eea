import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Chunk } from '../workflow/chunks/schema.ts'

import { assembleText } from './assemble-text.ts'

/** What a step writes, attempt by attempt, each cut somewhere. */
const attempts = fc.array(fc.array(fc.string({ maxLength: 5 }), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
})

function piecesOf(step: string, texts: readonly (readonly string[])[]): Omit<Chunk, 'seq'>[] {
  return texts.flatMap((parts, at) => {
    let offset = 0
    return parts
      .filter((text) => text !== '')
      .map((text) => {
        const piece = { step, attempt: at + 1, offset, text }
        offset += text.length
        return piece
      })
  })
}

/** Both, each in its order, mixed as `choices` says. */
function mixed<Item>(a: readonly Item[], b: readonly Item[], choices: readonly boolean[]): Item[] {
  const [left, right] = [[...a], [...b]]
  const first = choices.flatMap((isLeft) => (isLeft ? left : right).splice(0, 1))
  return [...first, ...left, ...right]
}

describe('text that is put together', () => {
  test.prop([attempts, attempts, fc.array(fc.boolean()), fc.array(fc.nat({ max: 30 }))])(
    'is the same however it was cut, and however often a watcher came back to an earlier place',
    (ofA, ofB, choices, returns) => {
      const pieces = mixed(piecesOf('a', ofA), piecesOf('b', ofB), choices)
      const chunks: Chunk[] = pieces.map((piece, at) => ({ seq: at + 1, ...piece }))
      const assembled = assembleText()
      const printed = new Map<string, string>()
      const hear = (chunk: Chunk): void => {
        const { text, isAnew } = assembled.add(chunk)
        printed.set(chunk.step, (isAnew ? '' : (printed.get(chunk.step) ?? '')) + text)
      }
      chunks.forEach((chunk, at) => {
        hear(chunk)
        // The connection breaks, and what comes again begins somewhere before.
        const back = returns[at]
        if (back !== undefined)
          for (const again of chunks.slice(Math.max(0, at - back), at + 1)) hear(again)
      })
      for (const [step, texts] of [
        ['a', ofA],
        ['b', ofB],
      ] as const) {
        const last = texts.findLast((parts) => parts.join('') !== '')?.join('') ?? ''
        expect(assembled.texts.find((each) => each.step === step)?.text ?? '').toBe(last)
        expect(printed.get(step) ?? '').toBe(last)
      }
    },
  )

  test('keeps items of one step apart, and says what was cut', () => {
    const assembled = assembleText()
    const piece = { step: 'a', attempt: 1, offset: 0 }
    assembled.add({ seq: 1, ...piece, index: 0, text: 'zero' })
    assembled.add({ seq: 2, ...piece, index: 1, text: 'one', isCut: true })
    expect(assembled.texts.map(({ index, text, isCut }) => [index, text, isCut])).toEqual([
      [0, 'zero', false],
      [1, 'one', true],
    ])
  })

  test('refuses a piece before which another one is missing', () => {
    const assembled = assembleText()
    assembled.add({ seq: 1, step: 'a', attempt: 1, offset: 0, text: 'one' })
    expect(() => assembled.add({ seq: 3, step: 'a', attempt: 1, offset: 5, text: 'x' })).toThrow(
      'text of step "a" is missing from 3 to 5',
    )
  })
})
