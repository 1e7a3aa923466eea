import type { Timeline } from '../../client/index.ts'
import type { StepStatus } from '../../progress/index.ts'

/** What a unit did during a stretch of time. */
type StretchKind = Timeline['units'][number]['stretches'][number]['kind']

/** The signs of a display. */
export interface Glyphs {
  readonly step: Readonly<Record<StepStatus, string>>
  /** Signs that take turns while something runs. */
  readonly spinner: readonly string[]
  readonly bar: { readonly full: string; readonly empty: string }
  /** A branch with siblings after it, the last branch, the line past a branch, and nothing. */
  readonly tree: {
    readonly branch: string
    readonly last: string
    readonly line: string
    readonly blank: string
  }
  /** What fills a bar on a line of time; `critical` is work that held up the run. */
  readonly time: Readonly<Record<StretchKind | 'critical', string>>
  /** Before what held up the run. */
  readonly critical: string
  readonly ok: string
  readonly warn: string
  readonly fail: string
  readonly ellipsis: string
  readonly separator: string
  readonly needs: string
  readonly times: string
}

const UNICODE: Glyphs = {
  step: {
    pending: '·',
    ready: '○',
    running: '●',
    waiting: '◔',
    retrying: '↻',
    repeating: '↻',
    interrupted: '‖',
    completed: '✔',
    failed: '✖',
    skipped: '⊘',
    stopped: '■',
    undoing: '↶',
    undone: '↶',
  },
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  bar: { full: '█', empty: '░' },
  tree: { branch: '├ ', last: '└ ', line: '│ ', blank: '  ' },
  time: {
    critical: '█',
    work: '▒',
    queue: '·',
    resource: '·',
    approval: '─',
    dependency: '─',
    retry: '×',
    pause: '‖',
  },
  critical: '▶',
  ok: '✔',
  warn: '▲',
  fail: '✖',
  ellipsis: '…',
  separator: ' · ',
  needs: '← ',
  times: '×',
}

const ASCII: Glyphs = {
  step: {
    pending: '.',
    ready: 'o',
    running: '*',
    waiting: 'w',
    retrying: 'r',
    repeating: 'r',
    interrupted: '=',
    completed: '+',
    failed: 'x',
    skipped: '-',
    stopped: '#',
    undoing: '<',
    undone: '<',
  },
  spinner: ['|', '/', '-', '\\'],
  bar: { full: '#', empty: '.' },
  tree: { branch: '|-', last: '`-', line: '| ', blank: '  ' },
  time: {
    critical: '#',
    work: '=',
    queue: '.',
    resource: '.',
    approval: '-',
    dependency: '-',
    retry: 'x',
    pause: '|',
  },
  critical: '>',
  ok: '+',
  warn: '!',
  fail: 'x',
  ellipsis: '...',
  separator: ', ',
  needs: '<- ',
  times: 'x',
}

/** The signs that a terminal can show: it says by its locale whether it knows more than ASCII. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (each) => each !== undefined && each !== '',
  )
  return /utf-?8/i.test(locale ?? '') ? UNICODE : ASCII
}
