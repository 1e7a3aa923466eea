import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createRunView, type StepStatus, type StepView } from '../../progress/index.ts'

import { chooseRows, countHidden } from './choose-rows.ts'
import type { Row } from './step-row.ts'

const [blank] = createRunView({ steps: { a: { uses: 'x' } } }).steps
const row = (status: StepStatus, name: string, since?: number): Row => {
  if (blank === undefined) throw new TypeError('a view without steps')
  const step: StepView = { ...blank, name, status, since }
  return { step, place: { step: name, depth: 0, lasts: [], alsoNeeds: [] } }
}
const status = fc.constantFrom<StepStatus>('running', 'failed', 'ready', 'completed', 'pending')
const rows = fc.array(status).map((all) => all.map((each, index) => row(each, `s${index}`, index)))
const namesOf = (all: readonly Row[]): readonly string[] => all.map(({ step }) => step.name)

describe('rows', () => {
  test.prop([rows, fc.integer({ min: 1, max: 20 })])(
    'keep their order, and leave a line for what is hidden',
    (all, room) => {
      const chosen = namesOf(chooseRows(all, room))
      expect(chosen).toEqual(namesOf(all).filter((name) => chosen.includes(name)))
      expect(chosen).toHaveLength(all.length <= room ? all.length : Math.max(1, room - 1))
    },
  )

  test.prop([rows, fc.integer({ min: 2, max: 20 })])(
    'in progress are never hidden by those that are not',
    (all, room) => {
      const chosen = new Set(namesOf(chooseRows(all, room)))
      const isRunning = ({ step }: Row): boolean => step.status === 'running'
      const isHidden = ({ step }: Row): boolean => !chosen.has(step.name)
      const isOtherShown = all.some((each) => !isRunning(each) && !isHidden(each))
      expect(all.some((each) => isRunning(each) && isHidden(each)) && isOtherShown).toBe(false)
    },
  )

  test('that have ended last are nearest', () => {
    const all = [
      row('completed', 'a', 9),
      row('completed', 'b', 1),
      row('completed', 'c', 5),
      row('running', 'd'),
    ]
    expect(namesOf(chooseRows([...all, row('pending', 'e')], 4))).toEqual(['a', 'c', 'd'])
  })

  test('that are hidden are counted by state', () => {
    const all = [
      row('completed', 'a'),
      row('pending', 'b'),
      row('pending', 'c'),
      row('running', 'd'),
    ]
    expect(countHidden(all, all.slice(3))).toBe('  and 3 more: 1 completed, 2 pending')
  })
})
