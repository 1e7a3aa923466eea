import type { TextWriter } from './text-writer.ts'

/** What is known while HTML is read. */
export interface HtmlState {
  readonly writer: TextWriter
  /** The lists that are open; `next` numbers their items, where they are numbered. */
  readonly lists: { next: number | undefined }[]
  readonly headings: { readonly level: number; readonly start: number; title: string }[]
  isInHeading: boolean
  /** Text of the first `title`. */
  title: string | undefined
  isInTitle: boolean
  /** How many `pre` are open. */
  pres: number
  /** Whether the open `pre` has no text yet. */
  isPreFresh: boolean
  cells: number
  /** How much was written when the row began. */
  rowStart: number
}

/** Lists within lists are moved in up to this level. */
const MAX_INDENT = 8

type Attributes = Readonly<Record<string, string>>

/** What an element does when it begins and ends, beside its line breaks. */
interface Element {
  readonly open?: (state: HtmlState, attributes: Attributes) => void
  readonly close?: (state: HtmlState) => void
}

const list = (isNumbered: boolean): Element => ({
  open({ lists }, { start = '1' }) {
    const first = Number.parseInt(start, 10)
    lists.push({ next: isNumbered ? (Number.isNaN(first) ? 1 : first) : undefined })
  },
  close: ({ lists }) => void lists.pop(),
})

const cell: Element = {
  open(state) {
    const { writer, rowStart } = state
    if (state.cells++ > 0) writer.join(' | ', writer.length > rowStart)
  },
}

const heading = (level: number): Element => ({
  open(state) {
    const { writer, headings } = state
    headings.push({ level, start: writer.nextStart, title: '' })
    state.isInHeading = true
    writer.mark(`${'#'.repeat(level)} `)
  },
  close(state) {
    state.isInHeading = false
    state.writer.unmark()
  },
})

/** The elements that do more than to separate text. */
export const ELEMENTS: ReadonlyMap<string, Element> = new Map<string, Element>([
  ['ul', list(false)],
  ['ol', list(true)],
  ['td', cell],
  ['th', cell],
  ...[1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, heading(level)] as const),
  [
    'li',
    {
      open({ writer, lists }) {
        const own = lists.at(-1)
        const sign = own?.next === undefined ? '-' : `${own.next++}.`
        const level = Math.min(Math.max(0, lists.length - 1), MAX_INDENT)
        writer.mark(`${'  '.repeat(level)}${sign} `)
      },
      close: ({ writer }) => writer.unmark(),
    },
  ],
  [
    'tr',
    {
      open(state) {
        state.cells = 0
        state.rowStart = state.writer.length
      },
      close: ({ writer }) => writer.unmark(),
    },
  ],
  [
    'pre',
    {
      open(state) {
        state.pres++
        state.isPreFresh = true
      },
      close: (state) => void state.pres--,
    },
  ],
  ['br', { open: ({ writer, pres }) => (pres > 0 ? writer.writeVerbatim('\n') : writer.break(1)) }],
  [
    'title',
    {
      open(state) {
        state.isInTitle = state.title === undefined
        state.title ??= ''
      },
      close: (state) => void (state.isInTitle = false),
    },
  ],
])

const words = (text: string): readonly string[] => text.split(' ')

/** Elements whose content is no text of the document. */
export const DROPPED: ReadonlySet<string> = new Set(
  words(
    'audio canvas iframe math nav noscript object script select style svg template textarea video',
  ),
)

/** Line breaks around an element; none around all others. */
export const BREAKS: ReadonlyMap<string, number> = new Map([
  ...words('p h1 h2 h3 h4 h5 h6 ul ol dl table pre blockquote figure hr').map(
    (name) => [name, 2] as const,
  ),
  ...words(
    'address article aside body caption dd details div dt fieldset figcaption footer form header li main section summary tr',
  ).map((name) => [name, 1] as const),
])
