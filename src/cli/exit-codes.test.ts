import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, test } from 'vitest'

import { EXIT, exitCodeOf, isKnownCode } from './exit-codes.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** Codes of all errors and refusals that the source declares. */
const declared = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/(?:\.test|\/testing)\.ts$/.test(name))
  .flatMap((name) => {
    const text = readFileSync(join(ROOT, name), 'utf8')
    return [...text.matchAll(/(?:readonly code = |code: )'([a-z]+\.[a-z-]+)'/g)].map(
      ([, code = '']) => code,
    )
  })

describe('exit codes', () => {
  test('are there for every error that the source declares', () => {
    expect(declared.length).toBeGreaterThan(80)
    expect([...new Set(declared)].filter((code) => !isKnownCode(code))).toEqual([])
  })

  test.each([
    ['workflow.run-failed', EXIT.failed],
    ['workflow.invalid-inputs', EXIT.usage],
    ['cli.usage', EXIT.usage],
    ['cli.nobody-there', EXIT.unreachable],
    ['ledger.insufficient-credit', EXIT.refused],
    ['access.unauthenticated', EXIT.refused],
    ['http.private-address', EXIT.refused],
    ['http.timeout', EXIT.failed],
    ['sql.unreachable', EXIT.unreachable],
    ['client.unreachable', EXIT.unreachable],
  ])('of %s is %i', (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode)
  })

  test('of what nobody knows is that of a failure', () => {
    expect([isKnownCode('someone.new'), exitCodeOf('someone.new')]).toEqual([false, EXIT.failed])
    // The room decides, not how a name happens to begin.
    expect(isKnownCode('clients.new')).toBe(false)
  })
})
