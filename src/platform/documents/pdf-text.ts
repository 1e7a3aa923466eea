import { setImmediate } from 'node:timers/promises'

import type { PDFDocumentProxy } from 'unpdf/pdfjs'

import type { DocumentPage, DocumentWarning } from './document.ts'
import { DocumentTooLargeError, EmptyDocumentError, UnreadableDocumentError } from './errors.ts'
import { toPageText } from './pdf-lines.ts'

/** The text of a PDF document. */
export interface PdfText {
  readonly title?: string
  readonly text: string
  readonly pages: readonly DocumentPage[]
  readonly warnings: readonly DocumentWarning[]
}

/** Bounds of reading a PDF. */
export interface PdfLimits {
  readonly name: string
  readonly maxPages: number
  /** Longest time, milliseconds; looked at between pages. */
  readonly maxMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the text of a PDF, page by page.
 *
 * @remarks pdf.js is loaded at the first use (about 150 ms). It works in this thread; other work
 * gets its turn between pages.
 * @throws {@link UnreadableDocumentError} broken or encrypted.
 * @throws {@link EmptyDocumentError} no page has text: most likely a scan.
 * @throws {@link DocumentTooLargeError} more pages or time than allowed.
 */
export async function pdfToText(bytes: Uint8Array, limits: PdfLimits): Promise<PdfText> {
  const pdf = await openPdf(bytes, limits.name)
  try {
    if (pdf.numPages > limits.maxPages) {
      throw new DocumentTooLargeError(limits.name, 'maxPages', limits.maxPages)
    }
    const texts = await readPages(pdf, limits)
    const title = await titleOf(pdf)
    return { ...(title !== undefined && { title }), ...joinPages(texts, limits.name) }
  } finally {
    await pdf.loadingTask.destroy()
  }
}

async function openPdf(bytes: Uint8Array, name: string): Promise<PDFDocumentProxy> {
  const { getDocumentProxy } = await import('unpdf')
  try {
    // A copy, since pdf.js takes the memory over; it also reports on the console unless told not to.
    return await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 })
  } catch (fault) {
    const isLocked = fault instanceof Error && fault.name === 'PasswordException'
    const reason = isLocked ? 'it is encrypted' : 'it is no PDF, or a broken one'
    throw new UnreadableDocumentError(name, reason, fault)
  }
}

async function readPages(
  pdf: PDFDocumentProxy,
  { name, maxMs, signal }: PdfLimits,
): Promise<readonly string[]> {
  const endMs = performance.now() + maxMs
  const texts: string[] = []
  for (let number = 1; number <= pdf.numPages; number++) {
    signal?.throwIfAborted()
    if (performance.now() > endMs) throw new DocumentTooLargeError(name, 'maxMs', maxMs)
    texts.push(await readPage(pdf, number))
    await setImmediate()
  }
  return texts
}

/** The text of a page; none when just this page is broken. */
async function readPage(pdf: PDFDocumentProxy, number: number): Promise<string> {
  try {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    page.cleanup()
    return toPageText(
      items.flatMap((item) =>
        'str' in item ? [{ str: item.str, hasEOL: item.hasEOL, y: Number(item.transform[5]) }] : [],
      ),
    )
  } catch (fault) {
    if (fault instanceof Error) return ''
    throw fault
  }
}

function joinPages(texts: readonly string[], name: string): Omit<PdfText, 'title'> {
  if (texts.every((text) => text === '')) {
    throw new EmptyDocumentError(name, `none of its ${texts.length} pages has text`)
  }
  const pages: DocumentPage[] = []
  let start = 0
  for (const [index, text] of texts.entries()) {
    pages.push({ page: index + 1, start, end: start + text.length })
    start += text.length + PAGE_BREAK.length
  }
  return {
    text: texts.join(PAGE_BREAK),
    pages,
    warnings: texts.includes('') ? ['pages-without-text'] : [],
  }
}

const PAGE_BREAK = '\n\n'

/** Titles that programs make up. */
const MADE_UP = /^(?:untitled|microsoft word\b|.{0,300}\.(?:docx?|tex|dvi|indd|pdf)$)/i

async function titleOf(pdf: PDFDocumentProxy): Promise<string | undefined> {
  const { info } = await pdf.getMetadata()
  const title: unknown = 'Title' in info ? info.Title : undefined
  if (typeof title !== 'string') return undefined
  const plain = title.replaceAll(/[\s\0]+/g, ' ').trim()
  return plain === '' || MADE_UP.test(plain) ? undefined : plain.slice(0, 300)
}
