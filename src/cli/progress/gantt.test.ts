import { describe, expect, test } from 'vitest'

import type { Timeline } from '../../client/index.ts'
import { toMicroFtns } from '../../kernel/money.ts'
import { createPaint } from '../text/colour.ts'
import { glyphsFor } from '../text/glyphs.ts'
import { widthOf } from '../text/width.ts'

import { renderGantt } from './gantt.ts'

type Unit = Timeline['units'][number]
type Stretch = Unit['stretches'][number]

/** A unit whose stretches follow one another, from `readyAt` on. */
function unit(
  name: string,
  readyAt: number,
  parts: readonly (readonly [Stretch['kind'], number])[],
  more: Partial<Unit> = {},
): Unit {
  let at = readyAt
  const stretches = parts.map(([kind, ms]): Stretch => {
    const from = at
    at += ms
    return { kind, from, to: at }
  })
  return {
    name,
    step: name,
    uses: 'code',
    outcome: 'completed',
    isCritical: false,
    attempts: 1,
    cost: toMicroFtns(0n),
    readyAt,
    endedAt: at,
    stretches,
    ...more,
  }
}

const critical = { isCritical: true }
const timeline: Timeline = {
  run: 'run_1',
  workflow: 'nightly',
  startedAt: 0,
  endedAt: 60_000,
  hasEnded: true,
  units: [
    unit('fetch', 0, [['work', 12_000]], critical),
    unit('ask', 12_000, [['approval', 18_000]], critical),
    unit('parse', 12_000, [
      ['queue', 6_000],
      ['work', 9_000],
    ]),
    unit('a-step-with-a-name-longer-than-there-is-room', 12_000, [
      ['retry', 6_000],
      ['work', 3_000],
    ]),
    unit('blink', 20_000, [['work', 1]]),
    unit('stand', 20_000, [['pause', 5_000]]),
    unit('write', 30_000, [['work', 30_000]], critical),
  ],
}
const glyphs = glyphsFor({ LANG: 'C.UTF-8' })
const paint = createPaint(false)

describe('a line of time', () => {
  test('of 80 columns', () => {
    expect(renderGantt(timeline, { columns: 80, glyphs, paint }).join('\n')).toMatchInlineSnapshot(`
      "                           0                     30.0s            1m00s
      ▶ fetch                    █████████                                      12.0s
      ▶ ask                              ──────────────                         18.0s
        parse                            ·····▒▒▒▒▒▒▒                           15.0s
        a-step-with-a-name-long…         ×××××▒▒▒                                9.0s
        blink                                  ▒                                  1ms
        stand                                  ‖‖‖‖‖                             5.0s
      ▶ write                                          ██████████████████████   30.0s

      █ work that held up the run   ▒ other work   · waiting for a slot or worker
      ─ waiting for a time, a signal, an answer or another run   × tries that failed
      ‖ the run stood still"
    `)
  })

  test('of 120 columns', () => {
    expect(renderGantt(timeline, { columns: 120, glyphs, paint }).join('\n'))
      .toMatchInlineSnapshot(`
      "                                       0                 15.0s             30.0s             45.0s        1m00s
      ▶ fetch                                ███████████████                                                            12.0s
      ▶ ask                                                ──────────────────────                                       18.0s
        parse                                              ·······▒▒▒▒▒▒▒▒▒▒▒▒                                          15.0s
        a-step-with-a-name-longer-than-ther…               ××××××××▒▒▒▒                                                  9.0s
        blink                                                        ▒                                                    1ms
        stand                                                        ‖‖‖‖‖‖                                              5.0s
      ▶ write                                                                    ████████████████████████████████████   30.0s

      █ work that held up the run   ▒ other work   · waiting for a slot or worker
      ─ waiting for a time, a signal, an answer or another run   × tries that failed   ‖ the run stood still"
    `)
  })

  test('of a terminal that knows ASCII only', () => {
    const ascii = renderGantt(timeline, { columns: 60, glyphs: glyphsFor({}), paint })
    expect(ascii.join('')).toMatch(/^[\u0020-\u007E]*$/)
    expect(ascii.at(7)).toMatch(/^> write +#+ +30\.0s$/)
  })

  test('is never wider than the screen, and nothing is too short to be seen', () => {
    for (const columns of [60, 80, 100, 120, 200]) {
      const lines = renderGantt(timeline, { columns, glyphs, paint })
      expect(Math.max(...lines.map(widthOf))).toBeLessThan(columns)
      expect(lines.find((line) => line.includes('blink'))).toContain(glyphs.time.work)
    }
  })

  test('many items of a step share one line, and of many steps those that count are shown', () => {
    const items = Array.from({ length: 50 }, (_, index) =>
      unit(`list[${index}]`, index * 100, [['work', 1_000]], { step: 'list', index }),
    )
    const steps = Array.from({ length: 150 }, (_, place) =>
      unit(`s${place}`, 0, [['work', place + 1]], { isCritical: place === 0 }),
    )
    const lines = renderGantt(
      { ...timeline, units: [...items, ...steps] },
      { columns: 100, glyphs, paint },
    )
    expect(lines.filter((line) => line.includes('list'))).toHaveLength(1)
    expect(lines.find((line) => line.includes('list'))).toContain('list (50 items)')
    expect(lines.some((line) => line.includes('s0 '))).toBe(true)
    expect(lines).toContain('  and 51 more')
  })
})
