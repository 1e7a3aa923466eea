import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, test } from 'vitest'

import { isJsonObject, type JsonObject } from '../../kernel/json.ts'

import { convertDefinition } from './convert.ts'
import { UnknownFormatError } from './errors.ts'
import { stepNames } from './names.ts'

const FIXTURES = resolve(import.meta.dirname, '../../../test/fixtures/import')
const read = (file: string): JsonObject => JSON.parse(readFileSync(file, 'utf8'))
const convert = (name: string): ReturnType<typeof convertDefinition> =>
  convertDefinition({ document: read(join(FIXTURES, name)) })
const stepsOf = ({ definition }: ReturnType<typeof convertDefinition>): JsonObject =>
  isJsonObject(definition['steps']) ? definition['steps'] : {}

describe('a WfFormat instance', () => {
  test('becomes a graph of steps that say what each task was and how long it took', () => {
    const made = convert('diamond.wf.json')
    expect(made).toMatchObject({
      format: 'wfformat',
      findings: [],
      definition: { name: 'diamond-4-tasks', description: 'A graph of four tasks.' },
    })
    expect(stepsOf(made)).toEqual({
      split_1: {
        uses: 'transform',
        with: { value: { task: 'split', program: 'split' } },
        resources: { seconds: 1.5, cpu_cores: 1 },
      },
      left_1: {
        uses: 'transform',
        with: { value: { task: 'work' } },
        needs: ['split_1'],
        resources: { seconds: 6, memory_gb: 1 },
      },
      right_1: {
        uses: 'transform',
        with: { value: { task: 'work' } },
        needs: ['split_1'],
        resources: { seconds: 2 },
      },
      join_1: {
        uses: 'transform',
        with: { value: { task: 'join' } },
        needs: ['left_1', 'right_1'],
        resources: { seconds: 2 },
      },
    })
  })

  test('of another version, with tasks that are not there, says so', () => {
    const document = {
      schemaVersion: '1.3',
      workflow: { specification: { tasks: [{ id: 'a', parents: ['b'] }, { id: 'a' }, {}] } },
    }
    expect(convertDefinition({ document }).findings.map(({ path }) => path)).toEqual([
      '/workflow/specification/tasks/1',
      '/workflow/specification/tasks/2',
      '/workflow/specification/tasks/0/parents',
      '/workflow/execution/tasks',
      '/schemaVersion',
    ])
  })

  // oxlint-disable-next-line node/no-process-env -- the runner's own settings
  const data = process.env['PRSM_DATA']
  const folder = data === undefined ? undefined : join(data, 'wfinstances')
  const isThere = folder !== undefined && existsSync(folder)
  const files = isThere ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
  test.runIf(isThere).each(files)('%s comes over whole', (file) => {
    const document = read(join(folder ?? '', file))
    const made = convertDefinition({ document })
    const { tasks } = (document as { workflow: { specification: { tasks: JsonObject[] } } })
      .workflow.specification
    expect(made.findings).toEqual([])
    expect(Object.keys(stepsOf(made))).toHaveLength(tasks.length)
  })
  test.skipIf(isThere)(
    'real instances are not looked at: set PRSM_DATA to a folder of them',
    () => {
      expect(files).toEqual([])
    },
  )
})

describe('a state machine', () => {
  test('that does not fit says where, and leaves nothing out in silence', () => {
    const { findings } = convert('misfit.asl.json')
    const found = findings.map(({ severity, path }) => `${severity} ${path}`)
    expect(found.toSorted()).toEqual(
      [
        'error /States/Again?/Choices/0/Next',
        'error /States/Again?/Default',
        'error /States/Again?/Choices/0/TimestampLessThan',
        'error /States/Loop/HeartbeatSeconds',
        'error /States/Loop/OutputPath',
        'error /States/Loop/Parameters/text.$',
        'error /States/Loop/Resource',
        'error /States/Loop/Retry/0/ErrorEquals',
        'error /States/Loop/Retry/1',
        'error /States/Lost',
        'error /States/Odd',
        'warning /States/Loop/Retry/0',
      ].toSorted(),
    )
    expect(findings.every(({ message }) => message.length > 10)).toBe(true)
  })

  test.each<[string, JsonObject, string]>([
    ['a function that PRSM has not', { Output: '{% $uuid() %}' }, '/States/A/Output'],
    [
      'a context that PRSM has not',
      { Output: '{% $states.context.Task.Token %}' },
      '/States/A/Output',
    ],
    ['an unknown field', { Colour: 'red' }, '/States/A/Colour'],
  ])('%s is found', (_, more, path) => {
    const state = { Type: 'Pass', QueryLanguage: 'JSONata', End: true, ...more }
    const { findings } = convertDefinition({ document: { StartAt: 'A', States: { A: state } } })
    expect(findings).toMatchObject([{ severity: 'error', path }])
  })

  test('names of states become names of steps, all different', () => {
    expect([...stepNames(['a b', 'a-b', '1', '', 'ok']).values()]).toEqual([
      'a_b',
      'a_b_2',
      '_1',
      '_',
      'ok',
    ])
  })
})

test('what is neither is refused', () => {
  expect(() => convertDefinition({ document: { steps: {} } })).toThrow(UnknownFormatError)
})
