import { timingSafeEqual } from 'node:crypto'

import { sha256 } from '../kernel/hash.ts'
import type { Random } from '../kernel/random.ts'

const SECRET_WORDS = 8
const TOKEN = /^prsm_([0-7][0-9a-hjkmnp-tv-z]{25})_[A-Za-z0-9_-]{43}$/
/** The hash of no token: nothing is known that gives it. */
const NO_HASH = `sha256:${'0'.repeat(64)}`

/** A new token for the key `id`: `prsm_<id>_<secret>`, the secret being 256 random bits. */
export function createToken(id: `key_${string}`, random: Random): string {
  const bytes = Buffer.alloc(SECRET_WORDS * 4)
  for (let word = 0; word < SECRET_WORDS; word++) bytes.writeUInt32BE(random.uint32(), word * 4)
  return `prsm_${id.slice('key_'.length)}_${bytes.toString('base64url')}`
}

/** The id of the key that a token claims to be of; `undefined` when the text is no token. */
export function keyOfToken(token: string): `key_${string}` | undefined {
  const digits = TOKEN.exec(token)?.[1]
  return digits === undefined ? undefined : `key_${digits}`
}

/**
 * What is kept of a token.
 *
 * @remarks A plain SHA-256 is enough: 256 random bits cannot be guessed, however fast the hash is.
 */
export function hashToken(token: string): string {
  return sha256(token)
}

/**
 * Whether `token` has the hash `expected`, in a time that depends on neither of them.
 *
 * @param expected - `undefined` when there is no such key: the work is done all the same.
 */
export function matchesHash(token: string, expected: string | undefined): boolean {
  const given = Buffer.from(hashToken(token))
  const kept = Buffer.from(expected ?? NO_HASH)
  return timingSafeEqual(given, kept) && expected !== undefined
}
