import { describe, expect, test } from 'vitest'

import { causeOfDeath } from './death.ts'

const exit = { code: null, signal: null, lastWords: '', stderr: '' }
const heap = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'

describe('the cause of death', () => {
  test.each([
    [
      'what the watchdog says',
      { signal: 'SIGKILL', lastWords: 'out-of-time' },
      { kind: 'out-of-time' },
    ],
    [
      'its word on memory',
      { signal: 'SIGKILL', lastWords: 'out-of-memory' },
      { kind: 'out-of-memory' },
    ],
    [
      'a full heap',
      { signal: 'SIGABRT', stderr: `\n<--- GCs --->\n${heap}\n 1: 0x` },
      { kind: 'out-of-memory' },
    ],
    ['a signal', { signal: 'SIGSEGV' }, { kind: 'exited', how: 'signal SIGSEGV ended it' }],
    ['a code', { code: 3 }, { kind: 'exited', how: 'the process exited with code 3' }],
    [
      'not what is merely written about memory',
      { code: 0, stderr: heap },
      { kind: 'exited', how: 'the process exited with code 0' },
    ],
  ])('is %s', (_name, given, cause) => {
    expect(causeOfDeath({ ...exit, ...given })).toEqual(cause)
  })
})
