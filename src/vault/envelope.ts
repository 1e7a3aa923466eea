import { createCipheriv, createDecipheriv } from 'node:crypto'

import type { Random } from '../kernel/random.ts'

import { TamperedError } from './errors.ts'

/** Bytes of a key. */
export const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const ALGORITHM = 'aes-256-gcm'

/** A key that other keys, or values, are sealed under. */
export interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

/** Whose a value is, and what it belongs to: opened for anything else, it is refused. */
export interface Belonging {
  readonly tenant: string
  /** Such as `secret/NAME`. */
  readonly about: string
}

const FORM = /^v1\.(seal_[0-9a-z]{26})\.([\w-]+)\.([\w-]+)$/

/** Random bytes. */
export function randomBytes(random: Random, count: number): Buffer {
  const words = Math.ceil(count / 4)
  const bytes = Buffer.alloc(words * 4)
  for (let word = 0; word < words; word++) bytes.writeUInt32BE(random.uint32(), word * 4)
  return bytes.subarray(0, count)
}

/**
 * Seals bytes under a key.
 *
 * @remarks AES-256-GCM (docs/sources.md#aes-gcm) with a random initialisation vector, which stands
 * before the ciphertext and its tag. `context` is not kept, and must be given again to open them.
 */
export function sealBytes(
  key: Uint8Array,
  plain: Uint8Array,
  { context, random }: { readonly context: readonly string[]; readonly random: Random },
): Buffer {
  const iv = randomBytes(random, IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, iv)
  cipher.setAAD(aad(context))
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Opens what {@link sealBytes} gave. @throws {@link TamperedError} under any other key or context. */
export function openBytes(key: Uint8Array, sealed: Buffer, context: readonly string[]): Buffer {
  const about = context.at(-1) ?? ''
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new TamperedError(about)
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(aad(context))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const head = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES))
    return Buffer.concat([head, decipher.final()])
  } catch (fault) {
    throw new TamperedError(about, fault)
  }
}

/** JSON keeps the parts apart, whatever they hold. */
function aad(context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(['prsm', ...context]))
}

/**
 * Seals a text: under a data key of its own, which lies beside it, wrapped by `key`.
 *
 * @returns `v1.KEY.WRAPPED.BODY`.
 */
export function sealText(
  key: Key,
  text: string,
  { random, ...belonging }: Belonging & { readonly random: Random },
): string {
  const dataKey = randomBytes(random, KEY_BYTES)
  const wrapped = sealBytes(key.bytes, dataKey, {
    context: wrapContext(key.id, belonging),
    random,
  })
  const body = sealBytes(dataKey, Buffer.from(text), { context: bodyContext(belonging), random })
  return `v1.${key.id}.${wrapped.toString('base64url')}.${body.toString('base64url')}`
}

/** The id of the key a value is sealed under. @throws {@link TamperedError} it is no sealed value. */
export function keyOf(sealed: string, about: string): string {
  return take(sealed, about).key
}

/** Opens what {@link sealText} gave. @throws {@link TamperedError} */
export function openText(key: Key, sealed: string, belonging: Belonging): string {
  const { body } = take(sealed, belonging.about)
  const dataKey = unwrap(key, sealed, belonging)
  return openBytes(dataKey, body, bodyContext(belonging)).toString()
}

/** The same value under another key; its body stays as it is. @throws {@link TamperedError} */
export function rewrap(
  sealed: string,
  { from, to }: { readonly from: Key; readonly to: Key },
  { random, ...belonging }: Belonging & { readonly random: Random },
): string {
  const dataKey = unwrap(from, sealed, belonging)
  const wrapped = sealBytes(to.bytes, dataKey, { context: wrapContext(to.id, belonging), random })
  const { body } = take(sealed, belonging.about)
  return `v1.${to.id}.${wrapped.toString('base64url')}.${body.toString('base64url')}`
}

function unwrap(key: Key, sealed: string, belonging: Belonging): Buffer {
  const { key: under, wrapped } = take(sealed, belonging.about)
  if (under !== key.id) throw new TamperedError(belonging.about)
  return openBytes(key.bytes, wrapped, wrapContext(key.id, belonging))
}

function wrapContext(key: string, { tenant, about }: Belonging): readonly string[] {
  return ['data-key', key, tenant, about]
}

function bodyContext({ tenant, about }: Belonging): readonly string[] {
  return ['value', tenant, about]
}

interface Parts {
  readonly key: string
  readonly wrapped: Buffer
  readonly body: Buffer
}

function take(sealed: string, about: string): Parts {
  const [, key = '', wrapped = '', body = ''] = FORM.exec(sealed) ?? []
  const parts = {
    key,
    wrapped: Buffer.from(wrapped, 'base64url'),
    body: Buffer.from(body, 'base64url'),
  }
  // Some texts of base64 differ in bits that stand for nothing: only one of them is ours.
  const isOurs =
    parts.wrapped.toString('base64url') === wrapped && parts.body.toString('base64url') === body
  if (key === '' || !isOurs) throw new TamperedError(about)
  return parts
}
