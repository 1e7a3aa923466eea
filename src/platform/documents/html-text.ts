import { Parser } from 'htmlparser2'

import { type DocumentSection, toSections } from './document.ts'
import { UnreadableDocumentError } from './errors.ts'
import { BREAKS, DROPPED, ELEMENTS, type HtmlState } from './html-elements.ts'
import { TextWriter } from './text-writer.ts'

/** The text of an HTML document. */
export interface HtmlText {
  readonly title?: string
  readonly text: string
  readonly sections: readonly DocumentSection[]
}

/** Deepest nesting; the parser's time grows with its square. Browsers stop at 512. */
const MAX_DEPTH = 2_000

/**
 * Turns HTML into text: headings as `# …`, lists as `- …`, rows of tables with ` | `.
 *
 * @param document - its name, for errors
 * @throws {@link UnreadableDocumentError} its elements are nested deeper than 2,000 levels.
 */
export function htmlToText(html: string, document = 'document'): HtmlText {
  const reader = new HtmlReader(document)
  const parser = new Parser({
    onopentag: (name, attributes) => reader.open(name, attributes),
    onclosetag: (name) => reader.close(name),
    ontext: (text) => reader.text(text),
  })
  parser.end(html)
  return reader.finish()
}

class HtmlReader {
  readonly #state: HtmlState = {
    writer: new TextWriter(),
    lists: [],
    headings: [],
    isInHeading: false,
    title: undefined,
    isInTitle: false,
    pres: 0,
    isPreFresh: false,
    cells: 0,
    rowStart: 0,
  }
  readonly #name: string
  #depth = 0
  /** Elements open within a dropped one, itself included. */
  #dropped = 0

  constructor(name: string) {
    this.#name = name
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new UnreadableDocumentError(
        this.#name,
        `its elements are nested deeper than ${MAX_DEPTH} levels`,
      )
    }
    if (this.#dropped > 0 || DROPPED.has(name) || isHidden(attributes)) {
      this.#dropped++
      return
    }
    this.#break(name)
    ELEMENTS.get(name)?.open?.(this.#state, attributes)
  }

  close(name: string): void {
    this.#depth--
    if (this.#dropped > 0) {
      this.#dropped--
      return
    }
    ELEMENTS.get(name)?.close?.(this.#state)
    this.#break(name)
  }

  text(text: string): void {
    if (this.#dropped > 0) return
    const { headings, isInHeading, isInTitle, title = '' } = this.#state
    if (isInTitle) {
      this.#state.title = title + text
      return
    }
    const heading = isInHeading ? headings.at(-1) : undefined
    if (heading !== undefined) heading.title += text
    this.#write(text)
  }

  finish(): HtmlText {
    const text = this.#state.writer.toString()
    const headings = this.#state.headings
      .map((heading) => ({ ...heading, title: collapse(heading.title) }))
      // In broken markup, another mark may stand where the heading's was to be.
      .filter(({ title, level, start }) => {
        return title !== '' && text.startsWith(`${'#'.repeat(level)} `, start)
      })
    const own = collapse(this.#state.title ?? '')
    const title = own === '' ? headings[0]?.title : own
    return {
      ...(title !== undefined && { title }),
      text,
      sections: toSections(headings, text.length),
    }
  }

  #write(text: string): void {
    const { writer, pres, isPreFresh } = this.#state
    if (pres === 0) {
      writer.write(text)
      return
    }
    const lines = text.replaceAll('\r\n', '\n')
    // HTML standard, section 13.1.2.5: a line break at the very beginning does not count.
    writer.writeVerbatim(isPreFresh ? lines.replace(/^\n/, '') : lines)
    this.#state.isPreFresh = false
  }

  #break(name: string): void {
    const count = BREAKS.get(name) ?? 0
    if (count === 0) return
    const { writer, lists } = this.#state
    // A list goes on line by line.
    writer.break(lists.length > 0 ? 1 : count)
  }
}

function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  return 'hidden' in attributes || attributes['aria-hidden'] === 'true'
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
