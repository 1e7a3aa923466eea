import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { z } from 'zod'

import { FLOW_KINDS } from '../steps/flow-kinds.ts'
import { defineStepKind } from '../steps/step-kind.ts'

import { checkDefinition } from './check.ts'
import type { CompiledWorkflow } from './compiled.ts'
import { parseSource } from './document.ts'
import { orderSteps, placeGraph, rankPlaces } from './graph.ts'
import { findInJson } from './json-places.ts'
import type { Problem } from './schema.ts'

const fetchKind = defineStepKind({
  name: 'fetch',
  summary: 'Fetches.',
  with: z.strictObject({
    url: z.string(),
    tries: z.int().optional(),
    mode: z.enum(['fast', 'safe']).optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  gives: z.strictObject({
    status: z.int(),
    body: z.string(),
    files: z.array(z.strictObject({ path: z.string() })),
  }),
  takesSecrets: true,
  run: async () => ({ output: {} }),
})
const askKind = defineStepKind({
  name: 'ask',
  summary: 'Asks.',
  with: z.strictObject({ model: z.string().optional(), prompt: z.string() }),
  run: async () => ({ output: {} }),
})
const kinds = new Map([...FLOW_KINDS, fetchKind, askKind].map((kind) => [kind.name, kind]))

function problemsOf(text: string): readonly Problem[] {
  const source = parseSource(text, 'flow.yaml')
  if (!source.ok) return source.refusal
  const checked = checkDefinition(source.value, kinds)
  return checked.ok ? [] : checked.refusal
}

function compiled(text: string): CompiledWorkflow {
  const source = parseSource(text)
  if (!source.ok) throw new Error(JSON.stringify(source.refusal))
  const checked = checkDefinition(source.value, kinds)
  if (!checked.ok) throw new Error(JSON.stringify(checked.refusal, null, 1))
  return checked.value
}

const flow = (steps: string, head = ''): string =>
  `apiVersion: prsm/v1\nname: demo\n${head}steps:\n${steps.replaceAll(/^/gm, '  ')}`
const brief = (problems: readonly Problem[]): string[] =>
  problems.map(
    ({ line, column, code, message, hint }) =>
      `${line}:${column} ${code} ${message}${hint === undefined ? '' : ` [${hint}]`}`,
  )

describe('the model of a workflow', () => {
  const { steps } = compiled(
    flow(
      `a: { uses: ask, with: { prompt: why } }
b: { uses: ask, with: { prompt: why, model: 'other:two' } }
c: { uses: transform, with: { value: 1 } }`,
      'model: first:one\n',
    ),
  )

  test('is that of the steps that take one and name none', () => {
    expect(steps.get('a')?.raw.with).toEqual({ model: 'first:one', prompt: 'why' })
    expect(steps.get('a')?.parameters.constant?.value).toMatchObject({ model: 'first:one' })
    expect(steps.get('b')?.raw.with).toEqual({ model: 'other:two', prompt: 'why' })
    expect(steps.get('c')?.raw.with).toEqual({ value: 1 })
  })
})

describe('a good definition', () => {
  const demo = compiled(
    flow(
      `read:
  uses: fetch
  with: { url: "{% $inputs.url %}" }
  retry: { max: 2 }
each:
  forEach: "{% $steps.read.output.files %}"
  uses: transform
  with: { value: "{% $item.path %}" }
join:
  uses: transform
  needs: read
  with: { value: "{% $count($steps.each.output) %}" }`,
      'inputs: { type: object, properties: { url: { type: string, default: "http://x" } }, additionalProperties: false }\nbudget: 2 FTNS\n',
    ),
  )

  test('knows its needs, those of expressions included, and its order', () => {
    expect(
      [...demo.steps.values()].map(({ name, needs, dependents, rank }) => [
        name,
        needs,
        dependents,
        rank,
      ]),
    ).toEqual([
      ['read', [], ['each', 'join'], 3],
      ['each', ['read'], ['join'], 2],
      ['join', ['each', 'read'], [], 1],
    ])
    expect(demo.order).toEqual(['read', 'each', 'join'])
    expect(demo.budget).toBe(2_000_000n)
    expect(demo.steps.get('read')?.retry).toMatchObject({ max: 2, initialMs: 1_000 })
  })

  test('fills in and checks inputs', () => {
    expect(demo.checkInputs({})).toEqual({ ok: true, value: { url: 'http://x' } })
    expect(demo.checkInputs({ url: 3, more: 1 })).toMatchObject({
      ok: false,
      issues: [
        { path: 'more', message: '"more" is not known here' },
        { path: 'url', message: 'must be string' },
      ],
    })
  })

  test('has one hash whatever the order of its keys', () => {
    const a = compiled(
      '{"apiVersion":"prsm/v1","name":"x","steps":{"a":{"uses":"transform","with":{"value":1}}}}',
    )
    const b = compiled(
      'name: x\nsteps:\n  a: { with: { value: 1 }, uses: transform }\napiVersion: prsm/v1\n',
    )
    expect(a.hash).toBe(b.hash)
  })
})

describe('every problem is reported at once, with its place', () => {
  test('names, kinds, needs, expressions, parameters and types', () => {
    const text = flow(
      `read:
  uses: fetsh
  with: { url: x }
get:
  uses: fetch
  with: { url: "{% $steps.reed.output %}", tries: many, mod: fast }
use:
  uses: fetch
  needs: [gett]
  with: { url: "{% $steps.get.output.status %}", mode: "{% $steps.get.output.bodi %}" }
bad:
  uses: transform
  with: { value: "{% $steps.get.output.[ %}" }
  retrry: { max: 1 }
late:
  uses: transform
  with: { value: "{% $item & $foo & $steps.get.outptu & $inputs.ulr %}" }`,
      'inputs: { type: object, properties: { url: { type: string } }, additionalProperties: false }\n',
    )
    expect(brief(problemsOf(text))).toEqual([
      '18:5 workflow.invalid-definition "retrry" is not known here [did you mean "retry"?]',
      '6:5 workflow.unknown-kind there is no kind of step "fetsh" [did you mean "fetch"?]',
      '10:59 workflow.invalid-parameters "mod" is not known here ("uses: fetch") [did you mean "mode"?]',
      '10:46 workflow.invalid-parameters must be integer ("uses: fetch")',
      '10:13 workflow.unknown-step there is no step "reed", in {% $steps.reed.output %} [did you mean $steps.read?]',
      '14:13 workflow.type-mismatch "url" takes string, but {% $steps.get.output.status %} gives integer',
      '14:52 workflow.unknown-name the outputs of step "get" have no "bodi", in {% $steps.get.output.bodi %} [did you mean "body"?]',
      '13:5 workflow.unknown-step step "use" needs "gett", which does not exist [did you mean "get"?]',
      '21:13 workflow.unknown-name $item is not known here, in {% $item & $foo & $steps.get.outptu & $inputs.ulr %} [$item is the item of a forEach: it is known in "with", "output" and "compensate" of a step that has one]',
      '21:13 workflow.unknown-name there is no variable $foo, in {% $item & $foo & $steps.get.outptu & $inputs.ulr %}',
      '21:13 workflow.unknown-name a step shows status, output, error; there is no "outptu", in {% $item & $foo & $steps.get.outptu & $inputs.ulr %} [did you mean $steps.get.output.outptu?]',
      '21:13 workflow.unknown-name the inputs have no "ulr", in {% $item & $foo & $steps.get.outptu & $inputs.ulr %} [did you mean "url"?]',
    ])
  })

  test('expressions that are not JSONata', () => {
    expect(
      brief(
        problemsOf(
          flow(`a:\n  uses: transform\n  when: "{% $x( %}"\n  with: { value: "{% 1 + %}" }`),
        ),
      ),
    ).toEqual([
      expect.stringMatching(/^7:13 workflow.expression-syntax .*is not a JSONata expression/),
      expect.stringMatching(/^6:5 workflow.expression-syntax .*is not a JSONata expression/),
    ])
  })

  test('the number of the try, where there is no try yet or any more', () => {
    const text = (attempt: string): string =>
      flow(`a:
  uses: transform
  repeat: { max: 2, until: "{% ${attempt} > 1 %}" }
  with: { value: "{% ${attempt} %}" }
  output: "{% ${attempt} %}"
  onError: { output: "{% ${attempt} %}" }
  compensate: { uses: transform, with: { value: "{% ${attempt} %}" } }`)
    expect(compiled(text('$attempt')).steps.size).toBe(1)
    const places = `a:
  uses: transform
  when: "{% $attempt = 1 %}"
  forEach: { items: "{% [$attempt] %}", expect: "{% $attempt %}" }
  with: { value: 1 }`
    const hint =
      '[$attempt counts the tries of a step: it is known in "with", "output", "repeat.until", "onError" and "compensate"]'
    expect(brief(problemsOf(flow(places, 'output: "{% $attempt %}"\n')))).toEqual([
      `7:5 workflow.unknown-name $attempt is not known here, in {% $attempt = 1 %} ${hint}`,
      `8:16 workflow.unknown-name $attempt is not known here, in {% [$attempt] %} ${hint}`,
      `8:43 workflow.unknown-name $attempt is not known here, in {% $attempt %} ${hint}`,
      `3:1 workflow.unknown-name $attempt is not known here, in {% $attempt %} ${hint}`,
    ])
  })

  test('secrets that are not declared or not taken', () => {
    const text = flow(
      `a:\n  uses: fetch\n  with: { url: x, headers: { auth: { $secret: API_KEX } } }\nb:\n  uses: transform\n  with: { value: { $secret: API_KEY } }`,
      'secrets: [API_KEY]\n',
    )
    expect(brief(problemsOf(text))).toEqual([
      '7:32 workflow.unknown-secret secret "API_KEX" is not declared [did you mean "API_KEY"?]',
      '10:13 workflow.secret-not-allowed "transform" takes no secrets',
    ])
  })

  test('what has no effect on a step that waits', () => {
    const text = flow(
      `ask:\n  uses: approval\n  with: { question: Go on? }\n  output: 1\n  runsOn: [gpu]\n  preemptible: true\n  repeat: { until: "{% true %}", max: 2 }`,
    )
    expect(
      problemsOf(text)
        .map(({ code, path }) => `${code} ${path}`)
        .toSorted(),
    ).toEqual(
      ['output', 'preemptible', 'repeat', 'runsOn'].map(
        (member) => `workflow.only-for-work steps.ask.${member}`,
      ),
    )
  })

  test('a workflow written in place, with its own places', () => {
    const text = flow(
      `call:\n  uses: workflow\n  with:\n    definition:\n      apiVersion: prsm/v1\n      name: child\n      steps:\n        a: { uses: nothing }`,
    )
    expect(brief(problemsOf(text))).toEqual([
      expect.stringMatching(/^11:16 workflow.unknown-kind there is no kind of step "nothing"/),
    ])
  })

  test('cycles, with the cycle', () => {
    const text = flow(
      `a:\n  uses: transform\n  needs: c\nb:\n  uses: transform\n  needs: a\nc:\n  uses: transform\n  needs: [b]\nd:\n  uses: transform\n  needs: [d, c]`,
    )
    expect(brief(problemsOf(text)).filter((line) => line.includes('cycle'))).toEqual([
      expect.stringContaining(
        '7:3 workflow.cycle steps need each other in a circle: b → c → a → b',
      ),
      expect.stringContaining('13:3 workflow.cycle step "d" needs itself'),
    ])
  })

  test.each([
    [
      'no steps',
      'apiVersion: prsm/v1\nname: x\nsteps: {}',
      '3:1 workflow.invalid-definition "steps" is a map',
    ],
    ['a list', '- 1', '1:1 workflow.invalid-definition a definition is a map'],
    [
      'another version',
      'apiVersion: prsm/v2\nname: x\nsteps: { a: { uses: transform, with: { value: 1 } } }',
      '1:1 workflow.invalid-definition expected "prsm/v1"',
    ],
    [
      'a name with spaces',
      'apiVersion: prsm/v1\nname: My Flow\nsteps: { a: { uses: transform, with: { value: 1 } } }',
      '2:1 workflow.invalid-definition',
    ],
    [
      'a step name with a dash',
      flow('my-step:\n  uses: transform\n  with: { value: 1 }'),
      '4:3 workflow.invalid-definition "my-step" is not a name for a step',
    ],
    [
      'a bad budget',
      flow('a:\n  uses: transform\n  with: { value: 1 }', 'budget: lots\n'),
      '3:1 workflow.invalid-definition "lots" is not an amount',
    ],
    [
      'inputs that are no schema',
      flow('a:\n  uses: transform\n  with: { value: 1 }', 'inputs: { type: objekt }\n'),
      '3:11 workflow.invalid-definition',
    ],
    [
      'a negative retry',
      flow('a:\n  uses: transform\n  with: { value: 1 }\n  retry: { max: -1 }'),
      '7:14 workflow.invalid-definition',
    ],
    [
      'an unknown key at the top',
      flow('a:\n  uses: transform\n  with: { value: 1 }', 'buget: 1 FTNS\n'),
      '3:1 workflow.invalid-definition "buget" is not known here [did you mean "budget"?]',
    ],
    [
      'a when that is no expression',
      flow('a:\n  uses: transform\n  with: { value: 1 }\n  when: yes please'),
      '7:5 workflow.invalid-definition',
    ],
  ])('%s', (_name, text, expected) => {
    expect(brief(problemsOf(text)).join('\n')).toContain(expected)
  })
})

describe('texts that are no definitions', () => {
  test.each([
    ['unclosed quotes', 'name: "x', 'workflow.syntax'],
    ['a key that stands twice', 'name: a\nname: b', 'the key "name" stands twice'],
    ['a tab for indentation', 'a:\n\t- 1', 'workflow.syntax'],
    ['nesting that is too deep', `a: ${'['.repeat(5_000)}`, 'nested more than 100 deep'],
    ['infinity', 'a: .inf', 'cannot be written in JSON'],
    ['an unknown tag', 'a: !!js/function "x"', 'workflow.syntax'],
  ])('%s', (_name, text, expected) => {
    expect(brief(problemsOf(text)).join('\n')).toContain(expected)
  })

  test('an alias bomb', () => {
    const bomb = [
      'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from(
        { length: 9 },
        (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(',')}]`,
      ),
    ].join('\n')
    expect(brief(problemsOf(bomb)).join('\n')).toMatch(/alias/i)
  })

  test('say where they are broken', () => {
    expect(problemsOf('apiVersion: prsm/v1\nname: [x\nsteps: 1')[0]).toMatchObject({
      line: expect.any(Number),
      column: expect.any(Number),
      file: 'flow.yaml',
    })
  })
})

describe('places in JSON', () => {
  const text = '{ "a": [1, {"b\\"": "x,}", "c": [[], {}]}],\n "d": {"e": null} }'

  test.each([
    [['a'], 2],
    [['a', 0], 8],
    [['a', 1, 'c', 1], 36],
    [['a', 1, 'c', 7], 26],
    [['d', 'e'], 50],
    [['d', 'x', 'y'], 44],
    [[], 0],
  ])('%j', (path, offset) => expect(findInJson(text, path)).toBe(offset))
})

describe('large graphs', () => {
  test('5,000 steps in a chain are checked, and a cycle in them is found', () => {
    const steps = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [
        `s${n}`,
        { uses: 'transform', with: { value: n }, ...(n > 0 && { needs: `s${n - 1}` }) },
      ]),
    )
    const document = { apiVersion: 'prsm/v1', name: 'long', steps }
    expect(compiled(JSON.stringify(document)).steps.get('s0')?.rank).toBe(5_000)
    const broken = {
      ...document,
      steps: { ...steps, s0: { uses: 'transform', with: { value: 0 }, needs: 's2' } },
    }
    expect(problemsOf(JSON.stringify(broken))).toMatchObject([
      { code: 'workflow.cycle', message: 'steps need each other in a circle: s1 → s2 → s0 → s1' },
    ])
  }, 60_000)
})

const graph = fc.integer({ min: 1, max: 30 }).chain((size) =>
  fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 60 }).map((edges) => {
    const needs = new Map<string, string[]>(Array.from({ length: size }, (_, n) => [`s${n}`, []]))
    for (const [a, b] of edges) {
      const list = needs.get(`s${a}`)
      if (list !== undefined && !list.includes(`s${b}`)) list.push(`s${b}`)
    }
    return needs
  }),
)

describe('graphs', () => {
  test.prop([graph])('either have an order that respects every need, or a real cycle', (needs) => {
    const ordering = orderSteps(needs)
    if (ordering.ok) {
      const place = new Map(ordering.order.map((name, index) => [name, index]))
      expect(place.size).toBe(needs.size)
      for (const [name, list] of needs)
        for (const need of list) expect(place.get(need)).toBeLessThan(place.get(name) ?? -1)
      return
    }
    expect(ordering.cycles.length).toBeGreaterThan(0)
    for (const cycle of ordering.cycles) {
      for (const [index, name] of cycle.entries()) {
        const next = cycle[(index + 1) % cycle.length] ?? ''
        expect(needs.get(next)).toContain(name)
      }
    }
  })

  test('rank by the longest way to an end', () => {
    const dependents = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ])
    const placed = placeGraph(['a', 'b', 'c', 'd'], dependents)
    expect([...rankPlaces(placed, Float64Array.of(1, 5, 2, 3))]).toEqual([9, 8, 5, 3])
  })
})
