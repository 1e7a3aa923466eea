import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { loadDefinition } from './definition-fs.ts'

const folder = mkdtempSync(join(tmpdir(), 'prsm-load-'))
afterAll(() => rmSync(folder, { recursive: true }))
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('modules, defaults and workflows in files are resolved relative to the definition', async () => {
  put('work.mjs', 'export default () => 1')
  put(
    'child.yaml',
    'apiVersion: prsm/v1\nname: child\nsteps: { c: { uses: code, with: { module: ./work.mjs } } }',
  )
  const file = put(
    'flow.yaml',
    `apiVersion: prsm/v1
name: flow
inputs: { properties: { docs: { type: string, format: directory, default: ./docs }, other: { type: string, default: ./x } } }
steps:
  a: { uses: code, with: { module: work.mjs, function: run } }
  b: { uses: workflow, with: { file: child.yaml, inputs: { x: 1 } } }
  c: { uses: transform, with: { module: work.mjs }, compensate: { uses: code, with: { module: work.mjs } } }
`,
  )
  const module = join(folder, 'work.mjs')
  const loaded = await loadDefinition(file)
  expect(loaded.ok && loaded.value.value).toEqual({
    apiVersion: 'prsm/v1',
    name: 'flow',
    inputs: {
      properties: {
        docs: { type: 'string', format: 'directory', default: join(folder, 'docs') },
        other: { type: 'string', default: './x' },
      },
    },
    steps: {
      a: {
        uses: 'code',
        with: { module, function: 'run', digest: expect.stringMatching(/^sha256:/) },
      },
      b: {
        uses: 'workflow',
        with: {
          inputs: { x: 1 },
          definition: {
            apiVersion: 'prsm/v1',
            name: 'child',
            steps: {
              c: { uses: 'code', with: { module, digest: expect.stringMatching(/^sha256:/) } },
            },
          },
        },
      },
      c: {
        uses: 'transform',
        with: { module: 'work.mjs' },
        compensate: {
          uses: 'code',
          with: { module, digest: expect.stringMatching(/^sha256:/) },
        },
      },
    },
  })
  expect(loaded.ok && loaded.value.place(['steps', 'b'])).toEqual({ line: 6, column: 3 })
})

test('a workflow that names itself ends with a clear problem', async () => {
  const file = put(
    'self.yaml',
    'apiVersion: prsm/v1\nname: self\nsteps: { a: { uses: workflow, with: { file: self.yaml } } }',
  )
  expect(await loadDefinition(file)).toMatchObject({
    ok: false,
    refusal: [{ message: expect.stringContaining('does') }],
  })
})

test('problems of a file written in place are told with that file', async () => {
  put('broken.yaml', 'a: [')
  const file = put('outer.yaml', 'steps: { a: { uses: workflow, with: { file: broken.yaml } } }')
  expect(await loadDefinition(file)).toMatchObject({
    ok: false,
    refusal: [{ file: join(folder, 'broken.yaml') }],
  })
})

test('what cannot be read is named', async () => {
  await expect(loadDefinition(join(folder, 'absent.yaml'))).rejects.toMatchObject({
    code: 'workflow.unreadable',
    message: expect.stringContaining('absent.yaml cannot be read (ENOENT)'),
  })
  const file = put('nomodule.yaml', 'steps: { a: { uses: code, with: { module: ./absent.mjs } } }')
  await expect(loadDefinition(file)).rejects.toMatchObject({
    message: expect.stringContaining('absent.mjs'),
  })
})
