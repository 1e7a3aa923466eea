import { open } from 'node:fs/promises'
import { basename } from 'node:path'

import { assertNever } from '../../kernel/result.ts'

import { decodeText, findBinary } from './decode-text.ts'
import type { DocumentFormat, ReadDocument } from './document.ts'
import {
  BinaryDocumentError,
  DocumentTooLargeError,
  EmptyDocumentError,
  UnreadableDocumentError,
} from './errors.ts'
import { outlineMarkdown } from './markdown.ts'

/** How a document is read. */
export interface ReadDocumentOptions {
  /** Name for its format and for errors. @defaultValue the last part of the path */
  readonly name?: string
  /** Largest document, bytes. @defaultValue 50_000_000 */
  readonly maxBytes?: number
  /** Most pages of a PDF. @defaultValue 2_000 */
  readonly maxPages?: number
  /** Longest time a PDF may take, milliseconds. @defaultValue 60_000 */
  readonly maxMs?: number
  readonly signal?: AbortSignal
}

/**
 * Reads the text of a document: plain text, Markdown, HTML or PDF.
 *
 * @remarks Text and Markdown are given as they are, so that offsets hold in the file; only a byte
 * order mark is left out. The format follows from the content for PDF, else from the name, else from
 * the content.
 * @param source - the bytes, or the path of a file
 * @throws {@link BinaryDocumentError}, {@link EmptyDocumentError}, {@link UnreadableDocumentError},
 * {@link DocumentTooLargeError}
 */
export async function readDocument(
  source: Uint8Array | string,
  options: ReadDocumentOptions = {},
): Promise<ReadDocument> {
  const { maxBytes = 50_000_000, maxPages = 2_000, maxMs = 60_000, signal } = options
  const name = options.name ?? (typeof source === 'string' ? basename(source) : 'document')
  const bytes = typeof source === 'string' ? await readBytes(source, { name, maxBytes }) : source
  if (bytes.length > maxBytes) throw new DocumentTooLargeError(name, 'maxBytes', maxBytes)
  if (bytes.length === 0) throw new EmptyDocumentError(name)
  const format = formatOf(bytes, name)
  if (format !== 'pdf') return readTextual(bytes, format, name)
  // Each reader is loaded for the first document that needs it: most processes need none.
  const { pdfToText } = await import('./pdf-text.ts')
  return { format, ...(await pdfToText(bytes, { name, maxPages, maxMs, signal })) }
}

async function readTextual(
  bytes: Uint8Array,
  format: Exclude<DocumentFormat, 'pdf'>,
  name: string,
): Promise<ReadDocument> {
  const what = findBinary(bytes)
  if (what !== undefined) throw new BinaryDocumentError(name, what)
  const { text, warnings } = decodeText(bytes, format === 'html' ? charsetOf(bytes) : undefined)
  const document = { format, ...(await extract(text, format, name)), warnings }
  if (document.text.trim() === '') throw new EmptyDocumentError(name)
  return document
}

async function extract(
  text: string,
  format: Exclude<DocumentFormat, 'pdf'>,
  name: string,
): Promise<Omit<ReadDocument, 'format' | 'warnings'>> {
  switch (format) {
    case 'html': {
      const { htmlToText } = await import('./html-text.ts')
      return htmlToText(text, name)
    }
    case 'markdown':
      return { text, ...outlineMarkdown(text) }
    case 'text':
      return { text }
    default:
      return assertNever(format)
  }
}

const FORMATS: Readonly<Record<string, DocumentFormat>> = {
  pdf: 'pdf',
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  txt: 'text',
  text: 'text',
}

function formatOf(bytes: Uint8Array, name: string): DocumentFormat {
  const head = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1')
  if (head.startsWith('%PDF-')) return 'pdf'
  const extension = /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const named = FORMATS[extension]
  if (named !== undefined) return named
  return /^(?:\xEF\xBB\xBF)?\s{0,100}<(?:!doctype html|html)\b/i.test(head) ? 'html' : 'text'
}

/** The encoding that HTML names in its first bytes. */
function charsetOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1')
  return /<meta\b[^>]{0,300}?\bcharset\s{0,5}=\s{0,5}["']?([\w.:-]{1,40})/i.exec(head)?.[1]
}

async function readBytes(
  path: string,
  { name, maxBytes }: { readonly name: string; readonly maxBytes: number },
): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size > maxBytes) throw new DocumentTooLargeError(name, 'maxBytes', maxBytes)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (fault) {
    if (!(fault instanceof Error && 'syscall' in fault)) throw fault
    throw new UnreadableDocumentError(name, fault.message, fault)
  }
}
