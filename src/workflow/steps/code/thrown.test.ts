import { describe, expect, test } from 'vitest'

import { describeThrown, threw } from './thrown.ts'

describe('what was thrown', () => {
  test('is told with the lines of the stack that are the author’s', () => {
    const fault = new RangeError('no')
    fault.stack = [
      'RangeError: no',
      '    at inner (file:///home/me/step.mjs:3:9)',
      '    at callModule (file:///app/code/child-call.js:20:1)',
      '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    ].join('\n')
    expect(describeThrown(fault, ['file:///app/code/', '/app/code/'])).toEqual({
      name: 'RangeError',
      message: 'no',
      stack: ['at inner (file:///home/me/step.mjs:3:9)'],
    })
  })

  test.each([
    ['a text', 'text', { name: 'string', message: 'text' }],
    ['nothing', undefined, { name: 'undefined', message: 'undefined' }],
    ['an object', { a: { b: 1 } }, { name: 'object', message: '{ a: { b: 1 } }' }],
    [
      'an error of a class',
      new (class Mine extends Error {})('x'),
      { name: 'Error', message: 'x' },
    ],
  ])('may be %s', (_name, fault, told) => {
    expect(describeThrown(fault, [])).toMatchObject(told)
  })

  test('is cut where it is long', () => {
    const fault = new Error('x'.repeat(9_999))
    fault.stack = 'at a\n'.repeat(99)
    const { message, stack } = describeThrown(fault, [])
    expect([message.length, stack.length]).toEqual([2_001, 10])
  })

  test.each([
    [
      { isTransient: true, retryAfterMs: 5 },
      { isTransient: true, retryAfterMs: 5 },
    ],
    [
      { isTransient: 'yes', retryAfterMs: -5 },
      { isTransient: false, retryAfterMs: 0 },
    ],
    [
      { isTransient: true, retryAfterMs: Number.NaN },
      { isTransient: true, retryAfterMs: 0 },
    ],
    ['text', { isTransient: false, retryAfterMs: 0 }],
  ])('says about retrying: %j', (fault, advice) => {
    expect(threw(fault, [])).toMatchObject({ kind: 'threw', ...advice })
  })
})
