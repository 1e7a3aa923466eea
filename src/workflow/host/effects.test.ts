import { expect, test } from 'vitest'

import { applyEvent } from '../machine/apply.ts'
import type { RunEvent } from '../machine/events.ts'
import { createRunState } from '../machine/state.ts'
import { compile } from '../machine/testing.ts'

import { moneyOf } from './effects.ts'

test('a budget that is raised after a redrive raises its hold by as much, whatever was paid before', () => {
  const state = createRunState(compile({ a: {} }))
  const owner = { id: 'run', tenant: 'acme' }
  const asked = (event: RunEvent): readonly unknown[] => {
    const commands = moneyOf(state, { event, at: 1 }, owner)
    applyEvent(state, event, 1)
    return commands
  }
  const head = { name: 'flow', definition: 'x', inputs: {} }
  asked({ kind: 'run.created', data: { ...head, budget: '100', hold: 'hold:run' } })
  const error = { code: 'code.threw', message: 'no' } as const
  asked({ kind: 'step.started', data: { step: 'a', attempt: 1, bound: '90' } })
  asked({ kind: 'step.failed', data: { step: 'a', error, cost: '90' } })
  const by = 'somebody'
  const again = { kind: 'run.resumed', data: { reason: 'redrive', by, hold: 'second' } } as const
  expect(asked(again)).toMatchObject([{ kind: 'hold', id: 'second', amount: 10n }])
  const more = { kind: 'run.resumed', data: { reason: 'request', by, budget: '150' } } as const
  expect(asked(more)).toEqual([{ kind: 'extend', hold: 'second', amount: 60n }])
})
