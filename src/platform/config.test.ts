import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { loadConfig } from './config.ts'

const schema = z.strictObject({
  dataDir: z.string().default('.prsm'),
  port: z.int().min(0).max(65_535).default(7077),
  isVerbose: z.boolean().default(false),
  hosts: z.array(z.string()).default([]),
  nested: z.strictObject({ a: z.int() }).optional(),
})
const folder = mkdtempSync(join(tmpdir(), 'prsm-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (text: string): { path: string; isOptional: boolean } => {
  const path = join(folder, 'prsm.config.yaml')
  writeFileSync(path, text)
  return { path, isOptional: false }
}

describe('settings', () => {
  test('a flag outweighs the environment, which outweighs the file', () => {
    const sources = {
      file: file('port: 1\ndataDir: from-file\nhosts: [a]'),
      env: { PRSM_PORT: '2', PRSM_HOSTS: 'b, c' },
      flags: { port: '3', isVerbose: 'true' },
    }
    expect(loadConfig(schema, sources)).toEqual({
      dataDir: 'from-file',
      port: 3,
      isVerbose: true,
      hosts: ['b', 'c'],
    })
  })

  test('without any source the defaults hold', () => {
    const none = {
      file: { path: join(folder, 'absent.yaml'), isOptional: true },
      env: { PRSM_DATA: 'x', PRSM_SECRET_KEY: 'y', HOME: '/' },
      flags: {},
    }
    expect(loadConfig(schema, none)).toMatchObject({ dataDir: '.prsm', port: 7077 })
  })

  test('every problem is named at once, with its place and the nearest key', () => {
    const sources = {
      file: file('dataDir: 5\nnested:\n  a: x\nprot: 4'),
      env: { PRSM_PROT: '1' },
      flags: { port: 'many' },
    }
    expect(() => loadConfig(schema, sources)).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        details: {
          problems: [
            { where: 'PRSM_PROT', message: 'there is no such setting (did you mean "PRSM_PORT"?)' },
            {
              where: expect.stringMatching(/prsm\.config\.yaml:4$/),
              message: 'there is no setting "prot" (did you mean "port"?)',
            },
            {
              where: expect.stringMatching(/:1$/),
              message: expect.stringContaining('expected string'),
            },
            { where: '--port', message: expect.stringContaining('expected number') },
            {
              where: expect.stringMatching(/:2$/),
              message: expect.stringContaining('a: Invalid input'),
            },
          ],
        },
      }),
    )
  })

  test.each([
    ['a file that is no YAML', 'a: [', /prsm\.config\.yaml:1/],
    ['a file that is a list', '- 1', /settings are a map/],
  ])('%s', (_name, text, message) => {
    expect(() => loadConfig(schema, { file: file(text), env: {}, flags: {} })).toThrow(message)
  })

  test.each([
    ['99999', /--port: .*65535/],
    ['many', /--port: .*expected number/],
    ['1.5', /--port: .*expected int/],
  ])('a port of %s is refused for what is wrong with it', (port, message) => {
    expect(() => loadConfig(schema, { file: undefined, env: {}, flags: { port } })).toThrow(message)
  })

  test('a file asked for by name must be there', () => {
    const sources = {
      file: { path: join(folder, 'absent.yaml'), isOptional: false },
      env: {},
      flags: {},
    }
    expect(() => loadConfig(schema, sources)).toThrow(/cannot be read \(ENOENT\)/)
  })
})
