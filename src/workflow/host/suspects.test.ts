import { expect, test } from 'vitest'

import type { Unit, UnitPhase } from '../machine/state.ts'

import { createSuspects } from './suspects.ts'

type Runs = Parameters<typeof createSuspects>[0]

function runsOf(units: readonly (readonly [string, UnitPhase, number])[], busy = ''): Runs {
  const active = new Map(
    units.map(([step, phase, crashes]) => [
      step,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rest is not looked at
      { step, index: undefined, phase, crashes } as Unit,
    ]),
  )
  return new Map([['run_1', { state: { active }, busy: new Set([busy]) }]])
}
const of = (count: number, crashes: number): readonly [string, UnitPhase, number][] =>
  Array.from({ length: count }, (_, n) => [`s${n}`, 'running', crashes])

test('what was there when workers were lost again and again runs with fewer and fewer others of its kind', () => {
  const admits = (runs: Runs): readonly boolean[] =>
    [0, 1, 2, 3, 4, 9].map((crashes) => createSuspects(runs).admits(crashes))
  expect(admits(runsOf([]))).toEqual([true, true, true, true, true, true])
  expect(admits(runsOf(of(500, 1)))).toEqual([true, true, true, true, true, true])
  expect(admits(runsOf(of(1, 2)))).toEqual([true, true, true, true, false, false])
  expect(admits(runsOf(of(7, 2)))).toEqual([true, true, true, false, false, false])
  expect(admits(runsOf(of(8, 2)))).toEqual([true, true, false, false, false, false])
  expect(admits(runsOf(of(1, 3)))).toEqual([true, true, true, true, false, false])
  expect(admits(runsOf(of(1, 4)))).toEqual([true, true, false, false, false, false])
})

test('what is about to begin counts, what waits for its next try does not', () => {
  expect(createSuspects(runsOf([['s0', 'retrying', 4]])).admits(4)).toBe(true)
  expect(createSuspects(runsOf([['s0', 'retrying', 4]], 's0')).admits(4)).toBe(false)
})

test('whoever is kept apart is called once, when something has ended', () => {
  const suspects = createSuspects(runsOf([]))
  let woken = 0
  const who = {}
  for (let n = 0; n < 2; n++) suspects.await(who, () => void woken++)
  suspects.tell()
  suspects.tell()
  expect(woken).toBe(1)
})
