import { describe, expect, test } from 'vitest'

import type { Json } from '../../kernel/json.ts'

import { compileExpression } from './expression.ts'
import { compileTemplate } from './template.ts'

const evaluate = (source: string, bindings = {}): Promise<Json> =>
  compileExpression(source).evaluate(bindings)

describe('expressions', () => {
  test('give plain JSON', async () => {
    const steps = {
      read: {
        output: {
          files: [
            { path: 'a', n: 1 },
            { path: 'b', n: 2 },
          ],
        },
      },
    }
    expect(await evaluate('$steps.read.output.files.path', { steps })).toEqual(['a', 'b'])
    expect(await evaluate('$sum($steps.read.output.files.n)', { steps })).toBe(3)
    expect(
      await evaluate('{"none": $steps.no, "list": [$steps.read.output.files[n > 1].path]}', {
        steps,
      }),
    ).toEqual({ list: ['b'] })
    expect(await evaluate('$steps.nothing', { steps })).toBeNull()
  })

  test('tell what they read, and not what they bind themselves', () => {
    const read = (source: string): string[] =>
      compileExpression(source).references.map(({ variable, path }) =>
        [variable, ...path].join('.'),
      )
    expect(read('$steps.read.output.files[0].path')).toEqual(['steps.read.output.files'])
    expect(read('$steps.`a b`.x')).toEqual(['steps.a b.x'])
    expect(read('$map($item, function($v) { $v.a & $steps.b.output })')).toEqual([
      'item',
      'steps.b.output',
      'map',
    ])
    expect(read('($x := $steps.a; $x.output & $inputs.n)')).toEqual(['steps.a', 'inputs.n'])
    expect(read('($f := function($n) { $n > 9 ? $steps.a : $f($n + 1) }; $f(0))')).toEqual([
      'steps.a',
    ])
    expect(
      read('($even := function($n) { $odd($n) }; $odd := function($n) { $even($n) })'),
    ).toEqual([])
    expect(read('($x := $x + 1; $x)')).toEqual(['x'])
    expect(read('$lookup($steps, "x")')).toEqual(['steps', 'lookup'])
    expect(compileExpression('$steps.a.output').references[0]?.isWhole).toBe(true)
    expect(compileExpression('$steps.a.output & "x"').references[0]?.isWhole).toBe(false)
    expect(compileExpression('$steps.a.output[0]').references[0]?.isWhole).toBe(false)
  })

  test.each([
    ['endless recursion', '($f := function($n) { $f($n + 1) + 1 }; $f(0))'],
    ['endless tail recursion', '($f := function($n) { $f($n + 1) }; $f(0))'],
    ['a list that never ends', '[1..9000000]'],
    ['a text that never ends', '$pad("x", 1000000000)'],
    ['a fault of its own', '$error("no")'],
    ['a function as value', 'function($x) { $x }'],
    ['infinity', '1e308 * 1e308'],
    ['chance', '$random()'],
    ['unchecked text', '$eval("1")'],
    ['a wrong type', '"a" - 1'],
  ])('end with a clear fault: %s', async (_name, source) => {
    await expect(evaluate(source)).rejects.toMatchObject({ code: 'workflow.expression-failed' })
  })

  test('match patterns in linear time, with the results of JSONata', async () => {
    const text = `${'a'.repeat(50_000)}!`
    expect(await evaluate('$contains($text, /^(a+)+$/)', { text })).toBe(false)
    expect(await evaluate('$match("ab12cd345", /([a-z])(\\d+)/).groups')).toEqual([
      'b',
      '12',
      'd',
      '345',
    ])
    expect(await evaluate('$replace("2024-05-01", /(\\d+)-(\\d+)-(\\d+)/, "$3.$2.$1")')).toBe(
      '01.05.2024',
    )
    expect(await evaluate('$split("a, b;c", /[,;]\\s*/)')).toEqual(['a', 'b', 'c'])
    expect(await evaluate('$contains("Hello", /hello/i)')).toBe(true)
  })

  test('say where they are not JSONata', () => {
    expect(() => compileExpression('$steps.a.[')).toThrow(
      expect.objectContaining({ code: 'workflow.expression-syntax', offset: 10 }),
    )
  })
})

describe('templates', () => {
  test('keep types of whole expressions and write parts into text', async () => {
    const template = compileTemplate({
      count: '{% $n %}',
      text: 'n is {% $n %} of {% {"a": 1} %} {% "x" %}',
      list: ['{% $n + 1 %}', 'plain', 3],
    })
    expect(await template.evaluate({ n: 4 })).toEqual({
      count: 4,
      text: 'n is 4 of {"a":1} x',
      list: [5, 'plain', 3],
    })
    expect(template.expressions.map(({ path }) => path.join('.'))).toEqual([
      'count',
      'text',
      'text',
      'text',
      'list.0',
    ])
  })

  test('without expressions answer at once with the very value', () => {
    const value = { a: [1, 'b'] }
    expect(compileTemplate(value).evaluate({})).toBe(value)
  })

  test('report every expression that does not compile', () => {
    const paths: string[] = []
    compileTemplate(
      { a: '{% ( %}', b: ['ok {% 1 +  %}'] },
      { onFault: (_fault, path) => paths.push(path.join('.')) },
    )
    expect(paths).toEqual(['a', 'b.0'])
  })
})
