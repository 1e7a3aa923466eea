import { describe, expect, test } from 'vitest'

import { createFakeTerminal } from '../../../test/support/terminal.ts'
import { createProgram } from '../program.ts'

import { candidatesFor } from './candidates.ts'

const program = createProgram(createFakeTerminal(), () => undefined)

describe('candidates', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['va'], ['validate']],
    [
      ['run', 'x.yaml', '--in'],
      ['--input', '--inputs'],
    ],
    [['--log-level', 'debug', 'keys', 'cr'], ['create']],
    [
      ['keys', 'create', '--s'],
      ['--scope', '--server'],
    ],
    [
      ['db', ''],
      ['export', 'import', 'prune', 'url'],
    ],
    [
      ['run', '--no-'],
      ['--no-color', '--no-watch'],
    ],
    [['__'], []],
    [['run', 'some/fi'], []],
  ])('for %j', (words, expected) => {
    expect(candidatesFor(program, words)).toEqual(expected)
  })

  test('are never hidden commands, and every command is one', () => {
    const all = candidatesFor(program, [''])
    const visible = program.commands
      .map((each) => each.name())
      .filter((name) => !name.startsWith('_'))
    expect(all).toEqual(visible.toSorted())
  })
})
