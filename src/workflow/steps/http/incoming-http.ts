import type { Json } from '../../../kernel/json.ts'
import { findEncoding } from '../../../platform/documents/text-encoding.ts'

import type { HttpParameters } from './schema.ts'

/** The body of a response, or why it is not what it should be. */
export type Incoming =
  | { readonly kind: 'body'; readonly body: Json }
  | { readonly kind: 'garbage'; readonly reason: string }

/** Media types whose bodies are text, beside `text/*`. */
const TEXT =
  /^(?:text\/|application\/(?:.*\+)?(?:xml|javascript|yaml|x-www-form-urlencoded|graphql|toml|sql)$|image\/svg\+xml$)/
const JSON_TYPE = /^(?:application|text)\/(?:.*\+)?(?:json|x-json)$/

/** Longest text of a body in an error. */
const EXCERPT_CHARS = 300

/**
 * What a body is.
 *
 * @param contentType - as the header has it; empty when there is none
 */
export function parseBody(
  bytes: Uint8Array,
  contentType: string,
  parse: HttpParameters['parse'],
): Incoming {
  switch (parse === 'auto' ? kindOf(bytes, contentType) : parse) {
    case 'none':
      return { kind: 'body', body: null }
    case 'json':
      return parseJson(decode(bytes, contentType))
    case 'text':
      return { kind: 'body', body: decode(bytes, contentType) }
    case 'base64':
      return { kind: 'body', body: Buffer.from(bytes).toString('base64') }
    default:
      throw new TypeError('unknown way to read a body')
  }
}

/** The begin of a body for an error message, on one line; empty when it is not text. */
export function excerptOf(bytes: Uint8Array, contentType: string): string {
  if (kindOf(bytes, contentType) === 'base64') return ''
  const text = decode(bytes.subarray(0, EXCERPT_CHARS * 4), contentType)
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= EXCERPT_CHARS ? line : `${line.slice(0, EXCERPT_CHARS)}…`
}

function kindOf(bytes: Uint8Array, contentType: string): 'none' | 'json' | 'text' | 'base64' {
  if (bytes.length === 0) return 'none'
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (JSON_TYPE.test(mediaType)) return 'json'
  return TEXT.test(mediaType) ? 'text' : 'base64'
}

function parseJson(text: string): Incoming {
  try {
    const body: Json = JSON.parse(text)
    return { kind: 'body', body }
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault
    const reason =
      text.trim() === '' ? 'is empty instead of JSON' : 'is not the JSON it claims to be'
    return { kind: 'garbage', reason }
  }
}

/** Text in the encoding that the header names; UTF-8 when it names none that is known. */
function decode(bytes: Uint8Array, contentType: string): string {
  const label = /;\s*charset="?([\w.:-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8'
  const text = findEncoding(label)?.decode(bytes) ?? new TextDecoder().decode(bytes)
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}
