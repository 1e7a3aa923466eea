import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'

import { parseSync } from 'vite'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/** Files that are loaded with the client, and what they import from outside of this project. */
function loadedWith(entry: string): {
  readonly files: Set<string>
  readonly packages: Set<string>
} {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    const { staticImports, staticExports } = parseSync(file, readFileSync(file, 'utf8')).module
    const from = [
      ...staticImports.filter(
        ({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType),
      ),
      ...staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest, isType }) =>
          moduleRequest === null || isType ? [] : [{ moduleRequest }],
        ),
      ),
    ]
    for (const { moduleRequest } of from) {
      const { value } = moduleRequest
      if (value.startsWith('.')) visit(resolve(dirname(file), value))
      else packages.add(value)
    }
  }
  visit(entry)
  return { files, packages }
}

test('the client runs in a browser: it needs nothing but zod, the kernel and schemas', () => {
  const { files, packages } = loadedWith(resolve(import.meta.dirname, 'index.ts'))
  const foreign = [...files]
    .map((file) => relative(ROOT, file))
    .filter((name) => !/^(?:client|kernel)\//.test(name) && !name.endsWith('/schema.ts'))
  expect([...packages]).toEqual(['zod'])
  expect(foreign).toEqual([])
  expect(files.size).toBeGreaterThan(12)
})
