import { describe, expect, test } from 'vitest'

import { isId, idTimeMs } from '../../kernel/ids.ts'

import { deliveryKey, runOf } from './fire-id.ts'
import { mapInputs, matchesFilter } from './map-inputs.ts'

const occasion = { body: { files: [{ name: 'a' }, { name: 'b' }], count: 0 }, scheduledAt: 'now' }

describe('inputs of an occasion', () => {
  test('are found by their paths, and left out where those lead nowhere', () => {
    const map = {
      first: 'body.files.0.name',
      all: 'body.files',
      count: 'body.count',
      none: 'body.files.7.name',
      proto: 'body.constructor.name',
      deep: 'scheduledAt.x',
    }
    expect(mapInputs(map, occasion)).toEqual({ first: 'a', all: occasion.body.files, count: 0 })
  })

  test.each([
    [undefined, true],
    [{ 'body.count': 0 }, true],
    [{ 'body.count': [1, 0] }, true],
    [{ 'body.count': '0' }, false],
    [{ 'body.files.1.name': 'b', scheduledAt: 'now' }, true],
    [{ 'body.files.1.name': 'b', scheduledAt: 'then' }, false],
    [{ 'body.none': null }, false],
  ])('fit the filter %j: %s', (where, expected) => {
    expect(matchesFilter(where, occasion)).toBe(expected)
  })
})

describe('the run of a fire', () => {
  test('has an id like every other, of its time, and one for each fire', () => {
    const id = runOf('sch_1', 'time-5', 1_700_000_000_000)
    expect(isId('run', id)).toBe(true)
    expect(idTimeMs(id)).toBe(1_700_000_000_000)
    expect(runOf('sch_1', 'time-5', 1_700_000_000_000)).toBe(id)
    expect(runOf('sch_2', 'time-5', 1_700_000_000_000)).not.toBe(id)
    expect(deliveryKey('x'.repeat(10_000))).toHaveLength(45)
  })
})
