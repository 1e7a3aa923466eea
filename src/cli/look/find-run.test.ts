import { describe, expect, test } from 'vitest'

import type { Client } from '../../client/index.ts'

import { findRun } from './find-run.ts'

const IDS = [
  'run_01m88cn5eke09vx9tc5sdkdmbd',
  'run_01m88cn5eke09vx9tc5sdkdmbe',
  'run_01m77aaaaae09vx9tc5sdkdzzz',
]
const clientOf = (ids: readonly string[]): Client =>
  ({
    async *listRuns() {
      for (const id of ids) yield { id }
    },
  }) as unknown as Client
const find = (given: string, ids = IDS): Promise<string> => findRun(clientOf(ids), given)

describe('a run is found', () => {
  test.each([
    ['last', IDS[0]],
    ['run_01m77', IDS[2]],
    ['01m77', IDS[2]],
    ['mbe', IDS[1]],
    ['run_01m99cn5eke09vx9tc5sdkdmbd', 'run_01m99cn5eke09vx9tc5sdkdmbd'],
  ])('by %s', async (given, id) => {
    expect(await find(given)).toBe(id)
  })
})

describe('a run is not found', () => {
  test('when none fits', async () => {
    await expect(find('xyz')).rejects.toThrow('no run fits "xyz"')
    await expect(find('last', [])).rejects.toThrow('there is no run yet')
  })

  test('when several fit, which are named', async () => {
    await expect(find('01m88')).rejects.toMatchObject({
      message: '"01m88" fits 2 runs',
      hint: `write more of it: ${IDS[0]}, ${IDS[1]}`,
    })
  })
})
