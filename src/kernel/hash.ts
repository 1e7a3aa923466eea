import { createHash } from 'node:crypto'

import { canonicalJson } from './canonical-json.ts'
import type { Json } from './json.ts'

/** A SHA-256 digest: `sha256:` and 64 lower-case hexadecimal digits. */
export type Sha256 = `sha256:${string}`

/** The digest of bytes, or of a text's UTF-8 bytes. */
export function sha256(content: Uint8Array | string): Sha256 {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** The digest of a JSON value, independent of key order. */
export function hashJson(value: Json): Sha256 {
  return sha256(canonicalJson(value))
}
