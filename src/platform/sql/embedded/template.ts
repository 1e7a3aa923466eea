import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

import { sha256 } from '../../../kernel/hash.ts'
import { present } from '../../../kernel/present.ts'

/** A file of a prepared data directory. */
export interface TemplateFile {
  /** Relative to the data directory, with `/` between folders. */
  readonly path: string
  /** Length of the file; what lies beyond `content` is zeros. */
  readonly sizeBytes: number
  /** The file without its trailing zeros. */
  readonly content: Uint8Array
}

/** A prepared data directory: what initdb would make, ready to be written out. */
export interface Template {
  /** Relative paths, each after the folder it lies in. */
  readonly directories: readonly string[]
  readonly files: readonly TemplateFile[]
}

interface Header {
  readonly directories: readonly string[]
  /** Path, size in bytes, and the place of its content in `lengths`. */
  readonly files: readonly (readonly [path: string, sizeBytes: number, content: number])[]
  /** Lengths of the contents, in the order in which they follow the header. */
  readonly lengths: readonly number[]
}

/**
 * The bytes of a template, as kept in `assets/`.
 *
 * @remarks
 * Brotli over: the header's length (32 bits, little-endian), the header as JSON, the contents one
 * after another. Equal contents are stored once (the databases of a new cluster are nearly equal) and
 * trailing zeros not at all (most of a WAL segment), which is why this is not a tar file.
 */
export function packTemplate({ directories, files }: Template): Uint8Array {
  const contents = new Map<string, { readonly place: number; readonly bytes: Uint8Array }>()
  const entries = files.map(({ path, sizeBytes, content }): Header['files'][number] => {
    const digest = sha256(content)
    const place = contents.get(digest)?.place ?? contents.size
    contents.set(digest, { place, bytes: content })
    return [path, sizeBytes, place]
  })
  const bodies = [...contents.values()].map(({ bytes }) => bytes)
  const header: Header = { directories, files: entries, lengths: bodies.map((b) => b.length) }
  const head = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const whole = Buffer.concat([length, head, ...bodies])
  return brotliCompressSync(whole, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
    },
  })
}

/** The template in bytes made by {@link packTemplate}. */
export function unpackTemplate(bytes: Uint8Array): Template {
  const whole = brotliDecompressSync(bytes)
  const bodyStart = 4 + whole.readUInt32LE(0)
  const header: Header = JSON.parse(whole.toString('utf8', 4, bodyStart))
  let end = bodyStart
  const contents = header.lengths.map((length) => whole.subarray(end, (end += length)))
  return {
    directories: header.directories,
    files: header.files.map(([path, sizeBytes, place]) => ({
      path,
      sizeBytes,
      content: present(contents[place], `content of ${path}`),
    })),
  }
}

/** `bytes` without the zeros at its end. */
export function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1)
}
