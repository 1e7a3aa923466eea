import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { DEGENERATE, QUICK_MS, anyReport } from '../../../language/testing.ts'

import { answer } from './answer.ts'
import { readQuestion } from './question.ts'

const SHOP =
  'Our refund policy allows returns within 30 days. Shipping costs 5 euros within Europe. ' +
  'Dr. Maria Lopez, aged 38, founded the shop in Lisbon in March 2011. It employs 14 people and ' +
  '6 dogs. About 40 per cent of the orders come from Spain.'

describe('answers', () => {
  test.each([
    ['Within how many days are returns allowed?', '30 days'],
    ['How much does shipping cost?', '5 euros'],
    ['Who founded the shop?', 'Dr. Maria Lopez'],
    ['When was the shop founded?', 'March 2011'],
    ['In what year was the shop founded?', '2011'],
    ['Where was the shop founded?', 'Lisbon'],
    ['How many people does it employ?', '14'],
    ['How many dogs does it employ?', '6'],
    ['How old was Maria Lopez when she founded the shop?', '38'],
    ['What percentage of orders come from Spain?', '40 per cent'],
    ['What does the refund policy allow?', 'Our refund policy allows returns within 30 days.'],
  ])('%s', (question, expected) => {
    expect(answer({ question, text: SHOP })).toMatchObject({ found: true, answer: expected })
  })

  test.each([
    ['What is the capital of France?', 'france'],
    ['Who is the president of the company?', 'not found'],
    ['Is shipping free?', 'yes or no'],
    ['', 'nothing to look for'],
    ['What is it?', 'nothing to look for'],
  ])('has none to %j', (question, reason) => {
    const found = answer({ question, text: SHOP })
    expect(found.found).toBe(false)
    expect(found.found ? '' : found.reason).toMatch(new RegExp(reason.slice(0, 5), 'i'))
  })

  test.prop([
    anyReport,
    fc.constantFrom('How much was spent?', 'What fell at 14:00?', 'Who saw no effect?'),
  ])('stand verbatim in a sentence of the text, alike each time', (text, question) => {
    const found = answer({ question, text })
    expect(answer({ question, text })).toEqual(found)
    if (!found.found) return
    expect(text.slice(found.start, found.end)).toBe(found.quote)
    expect(found.quote).toContain(found.answer)
  })

  test.each(DEGENERATE)('are not found in %s, and quickly so', (_, build) => {
    const text = build()
    const start = performance.now()
    expect(answer({ question: 'How much did the roof cost?', text }).found).toBe(false)
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })
})

describe('questions', () => {
  test.each([
    ['Who was the leader when the Franks came?', 'person'],
    ['When did it start?', 'time'],
    ['What year did it start?', 'year'],
    ['How long did it take?', 'duration'],
    ['How many weeks did it take?', 'duration'],
    ['How many sheep are there?', 'count'],
    ['How tall is the tower?', 'measure'],
    ['Which city is it in?', 'place'],
    ['Does it work?', 'yes-no'],
    ['Is it red or blue?', 'open'],
    ['Why did it fall?', 'open'],
  ])('%s asks for %s', (question, kind) => expect(readQuestion(question).kind).toBe(kind))
})
