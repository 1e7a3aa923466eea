import { expect, test } from 'vitest'

import { createTurnListener } from './turn-listener.ts'

test('turns are parted by a blank line, and one that begins anew keeps those before it', () => {
  const told: string[] = []
  const turns = createTurnListener({
    tell: (text) => void told.push(text),
    startOver: () => void told.splice(0),
  })
  const first = turns.begin()
  first.tell('I look ')
  first.tell('it up.')
  // A turn that only uses a tool says nothing.
  turns.begin()
  const last = turns.begin()
  last.tell('brok')
  expect(told.join('')).toBe('I look it up.\n\nbrok')
  last.startOver()
  last.tell('{"answer":1}')
  expect(told.join('')).toBe('I look it up.\n\n{"answer":1}')
})
