import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

import { canonicalJson } from '../../kernel/canonical-json.ts'
import { sha256 } from '../../kernel/hash.ts'

import { InvalidBundleError } from './errors.ts'
import { bundle, type Bundle, type BundlePayload } from './schema.ts'

/** A short name of a public key, to be compared by people. */
export function fingerprintOf(publicKey: string): string {
  return sha256(Buffer.from(publicKey, 'base64')).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** The public key of a private one, in base64. */
export function publicKeyOf(privatePem: string): string {
  const key = createPublicKey(createPrivateKey(privatePem))
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}

/**
 * A bundle as text: canonical JSON and a line end, so that equal content gives equal bytes.
 *
 * @remarks Ed25519 signs the canonical JSON of format and payload (docs/sources.md#ed25519).
 */
export function signBundle(payload: BundlePayload, privatePem: string): string {
  const value = sign(null, signedBytes(payload), createPrivateKey(privatePem)).toString('base64')
  const publicKey = publicKeyOf(privatePem)
  return textOf({
    format: 'prsm/bundle-v1',
    payload,
    signature: { algorithm: 'ed25519', publicKey, value },
  })
}

/** The bundle in a text. @throws {@link InvalidBundleError} any byte is not as it was signed. */
export function openBundle(text: string): Bundle {
  const parsed = bundle.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InvalidBundleError(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim())
  }
  const { payload, signature } = parsed.data
  // Other bytes that mean the same, spaces or bits that base64 does not need, are not what was sent.
  if (textOf(parsed.data) !== text) throw new InvalidBundleError('it is not in its canonical form')
  const bytes = canonicalBytes(signature.value)
  if (!verify(null, signedBytes(payload), keyOf(signature.publicKey), bytes))
    throw new InvalidBundleError('its signature does not fit what it holds')
  return parsed.data
}

/** Whether a text is meant to be a bundle. */
export function isBundle(text: string): boolean {
  return text.includes('"format":"prsm/bundle-v1"')
}

/** Reads a public key. @throws {@link InvalidBundleError} */
export function keyOf(publicKey: string): KeyObject {
  try {
    const key = createPublicKey({ key: canonicalBytes(publicKey), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (fault) {
    // Which of its bytes is wrong is of no use to anybody.
    if (!(fault instanceof Error)) throw fault
  }
  throw new InvalidBundleError('it holds no public key of Ed25519')
}

function canonicalBytes(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64)
    throw new InvalidBundleError('its base64 is not canonical')
  return bytes
}

function signedBytes(payload: BundlePayload): Buffer {
  return Buffer.from(canonicalJson(toJson({ format: 'prsm/bundle-v1', payload })))
}

function textOf(value: Bundle): string {
  return `${canonicalJson(toJson(value))}\n`
}

function toJson(value: object): Parameters<typeof canonicalJson>[0] {
  return JSON.parse(JSON.stringify(value))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) throw new InvalidBundleError('it is not JSON')
    throw fault
  }
}
