import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

import { createBuiltInTemplates } from './built-in-fs.ts'
import { InvalidParametersError, InvalidTemplateError } from './errors.ts'
import { escape, fillIn } from './parameter-references.ts'
import { type ParameterChoice, templateCategory } from './schema.ts'
import { checkTemplate, instantiate, templateOf } from './template.ts'

const key = fc.constantFrom('a', 'b', '$param', '$$param', '~x', 'y/z')
const value = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 1, 'text', '{% $inputs.x %}'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
})).object

/** Pointers to every value below the root. */
function pointersIn(of: Json, base = ''): readonly string[] {
  const members = Array.isArray(of)
    ? of.map((item: Json, index) => [`${index}`, item] as const)
    : []
  const all = isJsonObject(of) ? Object.entries(of) : members
  return all.flatMap(([name, member]) => {
    const path = `${base}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [path, ...pointersIn(member, path)]
  })
}

/** A definition and values of it that do not lie in one another. */
const chosen = fc.tuple(value, fc.array(fc.nat(), { maxLength: 4 })).map(([definition, picks]) => {
  const pointers = pointersIn(definition)
  const paths: string[] = []
  for (const pick of pointers.length === 0 ? [] : picks) {
    const path = pointers[pick % pointers.length] ?? ''
    const touches = paths.some(
      (other) => `${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${path}/`),
    )
    if (!touches) paths.push(path)
  }
  const choices = paths.map((path, index): ParameterChoice => ({ name: `p${index}`, path }))
  return { definition, choices }
})

describe('a template', () => {
  test.prop([chosen], { numRuns: 40 })(
    'of a workflow gives the workflow again',
    ({ definition, choices }) => {
      const template = templateOf(definition, choices)
      expect(instantiate(template, {})).toEqual(definition)
      const own = Object.fromEntries(
        choices.map(({ name }) => {
          const { properties } = template.parameters
          const schema = isJsonObject(properties) ? properties[name] : undefined
          return [name, isJsonObject(schema) ? (schema['default'] ?? null) : null]
        }),
      )
      expect(instantiate(template, own)).toEqual(definition)
    },
  )

  test.prop([value])('has nothing to fill in when everything is escaped', (definition) => {
    expect(fillIn(escape(definition), { a: 'lost' })).toEqual(definition)
  })

  const greeting = {
    parameters: {
      type: 'object',
      required: ['who'],
      properties: { who: { type: 'string' }, times: { type: 'integer', maximum: 3 } },
    },
    definition: { steps: { a: { with: { to: { $param: 'who' }, n: { $param: 'times' } } } } },
  }

  test('is filled in by structure: a text stays one value, whatever stands in it', () => {
    const who = '", "admin": true, "x": "{ $param: times }'
    expect(instantiate(greeting, { who, times: 2 })).toEqual({
      steps: { a: { with: { to: who, n: 2 } } },
    })
  })

  test('leaves out what is not given and has no default', () => {
    expect(instantiate(greeting, { who: 'x' })).toEqual({ steps: { a: { with: { to: 'x' } } } })
  })

  test.each<[string, JsonObject]>([
    ['of another type', { who: 1 }],
    ['out of bounds', { who: 'x', times: 4 }],
    ['without what is required', {}],
    ['with what it does not know', { who: 'x', when: 'now' }],
    ['with an expression where none is wanted', { who: 'a {% $inputs.secret %}' }],
  ])('is not filled in %s', (_, given) => {
    expect(() => instantiate(greeting, given)).toThrow(InvalidParametersError)
  })

  test('takes expressions where its schema says so', () => {
    const who = { type: 'string', format: 'expression' }
    const open = { ...greeting, parameters: { type: 'object', properties: { who } } }
    const filled = instantiate(open, { who: '{% $inputs.x %}' })
    expect(JSON.stringify(filled)).toContain('{% $inputs.x %}')
  })

  test('names every problem at once', () => {
    const broken = {
      parameters: { type: 'object', properties: { unused: { type: 'nothing' } } },
      definition: { steps: [{ $param: 'unknown' }] },
    }
    expect(() => checkTemplate(broken)).toThrow(
      expect.objectContaining({
        details: {
          problems: expect.arrayContaining([
            '/steps/0: there is no parameter "unknown"',
            'parameters.unused: it is used nowhere',
          ]),
        },
      }),
    )
  })

  test.each<[string, ParameterChoice[]]>([
    ['points at nothing', [{ name: 'a', path: '/steps/b' }]],
    [
      'is named twice',
      [
        { name: 'a', path: '/name' },
        { name: 'a', path: '/steps' },
      ],
    ],
    [
      'lies in another',
      [
        { name: 'a', path: '/steps' },
        { name: 'b', path: '/steps/a' },
      ],
    ],
  ])('is not made when a parameter %s', (_, choices) => {
    const definition = { name: 'x', steps: { a: 1 } }
    expect(() => templateOf(definition, choices)).toThrow(InvalidTemplateError)
  })
})

test('every category has a template that comes with PRSM', async () => {
  const found = await createBuiltInTemplates()()
  expect(found.map(({ category }) => category).toSorted()).toEqual(
    templateCategory.options.toSorted(),
  )
})
