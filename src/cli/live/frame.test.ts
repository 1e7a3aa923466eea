import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Json, JsonObject } from '../../kernel/json.ts'
import { applyToView, createRunView, type RunView } from '../../progress/index.ts'
import { createPaint } from '../text/colour.ts'
import { glyphsFor } from '../text/glyphs.ts'
import { widthOf } from '../text/width.ts'

import { type FrameStyle, renderFrame } from './frame.ts'

type Fact = readonly [kind: string, data?: JsonObject]

const view = (steps: JsonObject, facts: readonly Fact[], name = 'digest'): RunView => {
  const all: readonly Fact[] = [
    ['run.created', { name, budget: '5000000' }],
    ['run.started'],
    ...facts,
  ]
  return all
    .map(([kind, data = {}], index) => ({
      stream: 'run_01m88cn5eke09vx9tc5sdkdmbd',
      version: index + 1,
      kind,
      at: 1_000_000 + index * 1_000,
      data,
    }))
    .reduce(applyToView, createRunView({ name, steps }))
}
const style = (more: Partial<FrameStyle> = {}): FrameStyle => ({
  paint: createPaint(false),
  glyphs: glyphsFor({ LANG: 'C.UTF-8' }),
  columns: 80,
  rows: 24,
  ...more,
})
const start = (step: string): Fact => ['step.started', { step, attempt: 1 }]
const done = (step: string): Fact => ['step.completed', { step, output: null, ms: 1_000 }]

const steps: JsonObject = {
  list: { uses: 'files.list' },
  read: { uses: 'agent', forEach: '{% $steps.list.output %}' },
  squeeze: { uses: 'context.compress', needs: ['read', 'key'] },
  ask: {
    uses: 'approval',
    needs: ['squeeze'],
    with: {
      question:
        'Is this what you wanted to say about the wetlands of the Orrin, and shall it be sent to everybody on the list?',
    },
  },
  key: { uses: 'files.read' },
}

describe('a frame', () => {
  test('shows title, bar, the tree of steps and what they are at', () => {
    const facts: readonly Fact[] = [
      start('list'),
      start('key'),
      done('list'),
      ['step.expanded', { step: 'read', count: 4 }],
      ['step.started', { step: 'read', index: 0, attempt: 1 }],
      ['step.started', { step: 'read', index: 1, attempt: 1 }],
      ['step.completed', { step: 'read', index: 0, output: null, ms: 900 }],
      done('key'),
    ]
    expect(renderFrame(view(steps, facts), style())).toEqual([
      'digest  run_01m88cn5eke09vx9tc5sdkdmbd',
      '████████████░░░░░░░░░░░░░░  45 %  8.0s · 0 of 5 FTNS',
      '',
      '✔ list           1.0s files.list',
      '└ ● read              agent            1 of 4, 1 at once',
      '  └ · squeeze         context.compress ← key',
      '    └ · ask           approval',
      '✔ key            1.0s files.read',
    ])
  })

  test('says in whole sentences what somebody has to do, where there is room', () => {
    const waiting: readonly Fact[] = [
      ...['list', 'key', 'squeeze'].flatMap((step) => [start(step), done(step)]),
      ['step.expanded', { step: 'read', count: 0 }],
      start('ask'),
      ['step.waiting', { step: 'ask', for: 'signal', signal: 'approval' }],
    ]
    const foot = (more: Partial<FrameStyle>): readonly string[] =>
      renderFrame(view(steps, waiting), style(more))
        .filter((line) => !/^[\s├└]*[✔◔○·●] |^$/.test(line))
        .slice(2)
    expect(foot({})).toEqual([
      'step ask waits for an approval: Is this what you wanted to say about the',
      'wetlands of the Orrin, and shall it be sent to everybody on the list?',
      '  prsm approve run_01m88cn5eke09vx9tc5sdkdmbd ask',
    ])
    expect(foot({ columns: 50, rows: 15 })).toEqual([
      'step ask waits for an approval: Is this what you',
      'wanted to say about the wetlands of the Orrin, a…',
      '  prsm approve run_01m88cn5eke09vx9tc5sdkdmbd ask',
    ])
    expect(foot({ rows: 8 })).toHaveLength(1)
    expect(foot({ isAdvised: false })).toEqual([])
  })

  test('leaves kinds out where there is no room for them', () => {
    const [, , , line = ''] = renderFrame(view(steps, [start('list')]), style({ columns: 60 }))
    expect(line).not.toContain('files.list')
    expect(renderFrame(view(steps, []), style({ columns: 72 })).join('\n')).toContain('context.c…')
  })

  const names = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,40}$/), { minLength: 1, maxLength: 40 })
  const graph = names.chain((all) =>
    fc.record({
      steps: fc
        .tuple(
          ...all.map((_, index) =>
            fc.array(fc.nat(Math.max(0, index - 1)), { maxLength: index === 0 ? 0 : 3 }),
          ),
        )
        .map((needs): JsonObject =>
          Object.fromEntries(
            all.map((name, index): [string, Json] => [
              name,
              {
                uses: 'transform',
                needs: [...new Set((needs[index] ?? []).map((at) => all[at] ?? ''))],
              },
            ]),
          ),
        ),
      facts: fc.array(
        fc
          .tuple(fc.constantFrom(...all), fc.constantFrom(start, done, failed))
          .map(([name, fact]) => fact(name)),
        { maxLength: 60 },
      ),
    }),
  )

  test.prop([
    graph,
    fc.integer({ min: 20, max: 200 }),
    fc.integer({ min: 1, max: 60 }),
    fc.boolean(),
  ])(
    'is never higher or wider than its room',
    ({ steps: drawn, facts }, columns, rows, isColoured) => {
      const frame = renderFrame(
        view(drawn, facts, 'n'.repeat(64)),
        style({ columns, rows, tick: 3, paint: createPaint(isColoured) }),
      )
      expect(frame.length).toBeLessThanOrEqual(rows)
      // The last column stays empty: some terminals begin a new line there.
      expect(Math.max(...frame.map(widthOf))).toBeLessThan(columns)
    },
  )
})

function failed(step: string): Fact {
  return [
    'step.failed',
    { step, attempt: 1, error: { code: 'x.y', message: `日本語 ${'long '.repeat(20)}` } },
  ]
}
