import { TextDecoder } from 'node:util'

/** Turns the bytes of one encoding into text. */
export interface TextEncoding {
  /** Name of the Encoding standard, in lower case. */
  readonly name: string
  /** Bytes that mean nothing become U+FFFD. A byte order mark stays. */
  decode(bytes: Uint8Array): string
}

/**
 * The encoding that a label stands for; `undefined` when there is none.
 *
 * @remarks Source: WHATWG Encoding standard (docs/sources.md#encodings). Node 20 reads Windows-1252,
 * for which `latin1` and `iso-8859-1` are other labels, as bare Latin-1: without “ ” ’ – € and the
 * like (nodejs/node#56542), so that one is ours.
 */
export function findEncoding(label: string): TextEncoding | undefined {
  const decoder = decoderOf(label)
  if (decoder === undefined) return undefined
  const name = decoder.encoding
  if (name === 'windows-1252') return { name, decode: decodeWindows1252 }
  return { name, decode: (bytes) => decoder.decode(bytes) }
}

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { ignoreBOM: true })
  } catch (fault) {
    if (fault instanceof RangeError) return undefined
    throw fault
  }
}

/** What 0x80 to 0x9F are; five of them are nothing and stay as they are. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ'

function decodeWindows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replaceAll(/[\u0080-\u009F]/g, (letter) => WINDOWS_1252.charAt(letter.charCodeAt(0) - 0x80))
}
