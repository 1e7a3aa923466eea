import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { HIDDEN_STATUS_BY_CODE, STATUS_BY_CODE } from '../../src/api/problem-status.ts'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'

import { heading, page, table } from './markdown.ts'

/** What codes mean that no class stands for: refusals, and problems of definitions. */
const WITHOUT_CLASS: Readonly<Record<string, string>> = {
  'internal.fault': 'A bug, or a fault of a library; the log has its stack',
  'ledger.hold-closed': 'The credit set aside was captured or released already',
  'ledger.hold-exhausted': 'More is to be paid than was set aside',
  'ledger.id-reused': 'The id of a transfer or hold was used for another one',
  'ledger.insufficient-credit': 'The wallet does not hold enough free credit',
  'ledger.invalid-amount': 'An amount is not positive, or too large',
  'ledger.same-account': 'A transfer names one account twice',
  'ledger.unknown-account': 'There is no account of this name',
  'ledger.unknown-hold': 'There is no hold of this id',
  'workflow.above-max-cost': 'The run is expected to cost more than `maxCost`',
  'schedule.deleted': 'A fire waited for others when its schedule was deleted',
  'schedule.overlap': 'A run of the schedule was still under way when it fired',
  'schedule.queue-full': 'Too many fires of the schedule were waiting already',
  'schedule.superseded': 'A later fire took the place of one that waited',
  'workflow.child-failed': 'The run that a `workflow` step started did not complete',
  'workflow.cycle': 'Steps need each other in a circle',
  'workflow.never-open': 'The window in which the run may begin is open on no day',
  'workflow.not-begun': 'The beginning of the run could not be recorded',
  'workflow.not-possible': 'The run is in a state in which this makes no sense',
  'workflow.only-for-work': 'A step that waits is told what only a step that works can do',
  'workflow.rejected': 'A person rejected an `approval`',
  'workflow.repeat-exhausted': '`repeat` reached `max` before `until` was true',
  'workflow.secret-not-allowed': 'A secret stands in a step whose kind takes none',
  'workflow.syntax':
    'The text is neither YAML nor JSON, is too large or too deep, or names a key twice',
  'workflow.type-mismatch': 'An expression gives another type than the parameter takes',
  'workflow.incompatible':
    'A run does not fit a new definition: steps that have begun are gone or differ, or inputs do not fit',
  'workflow.unknown-kind': '`uses` names a kind of step that does not exist',
  'workflow.unknown-name': 'An expression reads a variable, input or output that does not exist',
  'workflow.unknown-secret': 'A secret is not listed under `secrets`',
  'workflow.unknown-step': '`needs` or an expression names a step that does not exist',
  'workflow.wait-timeout': 'A signal, approval or other run did not come in time',
  'workflow.worker-lost': 'The worker was lost during a step too often',
}

const CLASS =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export class (\w+) extends \w+ \{\s*(?:override )?readonly code(?:: [^=\n]+)? = '([^']+)'/g
const ANY_CODE = /\bcode(?:: [^=\n']+)?(?::| =) '([a-z]+\.[a-z-]+)'|\| '(ledger\.[a-z-]+)'/g

interface CodeRow {
  readonly code: string
  readonly meaning: string
  readonly className: string | undefined
}

/** `docs/reference/errors.md`: every code an error may have. */
export function errorsPage(root: string): string {
  const rows = readCodes(root)
  const rooms = [...new Set(rows.map(({ code }) => code.slice(0, code.indexOf('.'))))].toSorted()
  return page(
    heading(
      'Error codes',
      'An error has a `code` that never changes its meaning, a message for people, often a hint, and details. Codes stand in problem documents of the API, in events of runs, in `--json` output, and in `retry.on` of definitions.',
    ),
    'HTTP: the status of a response with this code; "500, hidden" and the like tell the client the code and no more, and "–" is answered as `internal.fault`. Many codes only ever stand in the events of a run. Exit: what the command line ends with.',
    ...rooms.flatMap((room) => [`## ${room}`, codeTable(rows, room)]),
  )
}

function codeTable(rows: readonly CodeRow[], room: string): string {
  return table(
    ['Code', 'When', 'Class', 'HTTP', 'Exit'],
    rows
      .filter(({ code }) => code.startsWith(`${room}.`))
      .map(({ code, meaning, className }) => [
        `\`${code}\``,
        meaning,
        className === undefined ? '' : `\`${className}\``,
        statusOf(code),
        String(exitCodeOf(code)),
      ]),
  )
}

const STATUSES = new Map<string, number | undefined>(Object.entries(STATUS_BY_CODE))
const HIDDEN = new Map<string, number | undefined>(Object.entries(HIDDEN_STATUS_BY_CODE))

function statusOf(code: string): string {
  const [status, hidden] = [STATUSES.get(code), HIDDEN.get(code)]
  if (status !== undefined) return String(status)
  return hidden === undefined ? '–' : `${hidden}, hidden`
}

function readCodes(root: string): readonly CodeRow[] {
  const rows = new Map<string, CodeRow>()
  for (const text of sourcesOf(root)) {
    for (const [, comment = '', className, code = ''] of text.matchAll(CLASS)) {
      rows.set(code, { code, className, meaning: meaningOf(comment) })
    }
  }
  for (const text of sourcesOf(root)) {
    for (const [, plain, refusal] of text.matchAll(ANY_CODE)) {
      const code = plain ?? refusal ?? ''
      if (rows.has(code)) continue
      const meaning = WITHOUT_CLASS[code]
      if (meaning === undefined) throw new Error(`errors-page.ts does not describe "${code}"`)
      rows.set(code, { code, className: undefined, meaning })
    }
  }
  return [...rows.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1))
}

function sourcesOf(root: string): readonly string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|testing/.test(name))
    .toSorted()
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
}

/** The first paragraph of a comment, without the words that every class begins with. */
function meaningOf(comment: string): string {
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join('\n')
    .trim()
  const [first = ''] = text.split(/\n\s*\n|\n@/)
  const plain = first
    .replaceAll('\n', ' ')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replace(/^Thrown when /, '')
    .replace(/^Thrown (while|by) /, '$1 ')
    .replace(/^What an? (step|run) fails with when /, 'of a $1: ')
    .replace(/^What /, '')
    .replace(/\.$/, '')
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}
