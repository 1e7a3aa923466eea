import { expect, test } from 'vitest'

import { PlatformError } from '../../kernel/errors.ts'

import type { HostDeps } from './deps.ts'
import { patient } from './patience.ts'

class AbsenceError extends PlatformError {
  readonly code = 'sql.connection-lost'
}

/** Deps of which only what is asked here is there; every wait is over at once. */
function depsWith(secrets: HostDeps['secrets']): HostDeps {
  const clock = {
    now: () => 0,
    after: (_: number, callback: () => void) => (callback(), () => undefined),
  }
  return { clock, secrets, store: {}, artifacts: {}, sealing: {} } as unknown as HostDeps
}

test('what is looked up waits until the database is back', async () => {
  let tries = 0
  const deps = depsWith(async () => {
    if (++tries < 4) throw new AbsenceError('away')
    return 'found'
  })
  expect(await patient(deps, () => false).secrets('t', 'name')).toBe('found')
  expect(tries).toBe(4)
})

test('any other fault is the step’s, and nobody waits for a worker that has stopped', async () => {
  const broken = depsWith(() => {
    throw new TypeError('broken')
  })
  await expect(patient(broken, () => false).secrets('t', 'name')).rejects.toThrow('broken')
  const away = depsWith(() => {
    throw new AbsenceError('away')
  })
  await expect(patient(away, () => true).secrets('t', 'name')).rejects.toThrow('away')
})
