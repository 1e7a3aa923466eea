import { fc } from '@fast-check/vitest'

/** Texts that resemble reports: headings, lists, tables, amounts, odd marks, several scripts. */
export const anyReport = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '# Results',
        '## Methods and sites',
        'SUMMARY',
        '- first item',
        '2. second',
        '> quoted',
        '| a | b |',
        '|---|---|',
        '| 1 | 9.5 °C |',
        '```',
        'key: value',
        '---',
        '===',
        '',
        'Yields rose by 12 ± 3 per cent (Smith, 2019).',
        'Dr. Lee et al. saw no effect. p < 0.05.',
        'It fell from 42 to 31 °C at 14:00',
        'on clear days, i.e. in summer!',
        '今日は。明日も。',
        'Nine in ten agreed; €3.5m was spent',
        'mail a@b.co, see https://x.org/a.b.',
        '😀 Emoji. OK?',
      ),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
    ),
    { maxLength: 14 },
  )
  .map((lines) => lines.join('\n'))

/** Inputs that are no text to speak of; large ones are built on use. */
export const DEGENERATE: readonly (readonly [name: string, build: () => string])[] = [
  ['nothing', () => ''],
  ['one letter', () => 'x'],
  ['white space', () => ' \n\t'.repeat(50_000)],
  ['a binary blob', () => bytes(60_000)],
  ['one line of a megabyte', () => 'lorem ipsum, dolor 12 sit; '.repeat(38_000)],
  ['a hundred thousand equal words', () => 'word '.repeat(100_000)],
  ['half a million stops', () => '.'.repeat(500_000)],
  ['a heading of half a megabyte', () => `# ${' '.repeat(500_000)}x`],
  ['digits without end', () => '1'.repeat(500_000)],
  ['pipes without end', () => '|'.repeat(200_000)],
]

function bytes(length: number): string {
  const codes = Array.from({ length }, (_, index) => String.fromCharCode((index * 7_919) % 256))
  return codes.join('')
}

/** Longest time for a degenerate input, in ms: generous, since test machines are shared. */
export const QUICK_MS = 3_000
