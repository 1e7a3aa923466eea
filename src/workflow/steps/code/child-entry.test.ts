import { execFileSync } from 'node:child_process'

import { expect, test } from 'vitest'

import { childEntry } from './child-entry.ts'

test('from its sources the program that runs authors’ modules is compiled on the way', () => {
  const { path, execArgv } = childEntry()
  expect(path).toMatch(/child-main\.ts$/)
  // Without a parent it ends by itself.
  expect(execFileSync(process.execPath, [...execArgv, path, '0', '64']).toString()).toBe('')
})
