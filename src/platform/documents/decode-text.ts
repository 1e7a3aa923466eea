import { TextDecoder } from 'node:util'

import { present } from '../../kernel/present.ts'

import type { DocumentWarning } from './document.ts'
import { findEncoding } from './text-encoding.ts'

/** Bytes as text. */
export interface DecodedText {
  readonly text: string
  readonly warnings: readonly DocumentWarning[]
}

/** Files that begin like this are no text, whatever they are called. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['504b0304', 'a ZIP archive or an Office document'],
  ['504b0506', 'a ZIP archive or an Office document'],
  ['d0cf11e0a1b11ae1', 'an old Office document'],
  ['7b5c727466', 'an RTF document'],
  ['89504e47', 'an image'],
  ['47494638', 'an image'],
  ['ffd8ff', 'an image'],
  ['1f8b', 'a compressed file'],
  ['7f454c46', 'a program'],
  ['4d5a90', 'a program'],
  ['53514c69746520666f726d6174', 'a database'],
]

/** How much of a file is looked at to tell text from other data, bytes. */
const SAMPLE_BYTES = 64 * 1024

/** What the bytes are when they are not text; `undefined` when they may be. */
export function findBinary(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('hex')
  const known = SIGNATURES.find(([signature]) => head.startsWith(signature))
  if (known !== undefined) return known[1]
  if (markOf(bytes)?.encoding.startsWith('utf-16') === true) return undefined
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  let controls = 0
  for (const byte of sample) {
    if (byte === 0) return 'binary data'
    // Tab, line feed, form feed, carriage return and escape are found in texts.
    if (byte < 32 && !(byte >= 9 && byte <= 13) && byte !== 27) controls++
  }
  return controls * 50 > sample.length ? 'binary data' : undefined
}

/**
 * Decodes text: by its byte order mark, else by `label`, else UTF-8, else Windows-1252.
 *
 * @param label - an encoding that the document itself names; heeded when it is known and not UTF-8
 */
export function decodeText(bytes: Uint8Array, label?: string): DecodedText {
  const mark = markOf(bytes)
  if (mark !== undefined) return decodeAs(mark.encoding, bytes.subarray(mark.length))
  const named = label === undefined ? undefined : findEncoding(label)?.name
  if (named !== undefined && named !== 'utf-8') return decodeAs(named, bytes)
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), warnings: [] }
  } catch (fault) {
    if (!(fault instanceof TypeError)) throw fault
    const { text } = decodeAs('windows-1252', bytes)
    return { text, warnings: ['encoding-guessed'] }
  }
}

interface Mark {
  readonly encoding: string
  readonly length: number
}

function markOf(bytes: Uint8Array): Mark | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', length: 3 }
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', length: 2 }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', length: 2 }
  return undefined
}

function decodeAs(encoding: string, bytes: Uint8Array): DecodedText {
  const text = present(findEncoding(encoding)).decode(bytes)
  return { text, warnings: text.includes('\uFFFD') ? ['encoding-damaged'] : [] }
}
