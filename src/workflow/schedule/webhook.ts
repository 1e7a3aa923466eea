import { createHmac, timingSafeEqual } from 'node:crypto'

import type { EpochMs } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/hash.ts'
import type { Random } from '../../kernel/random.ts'

import { UnverifiedDeliveryError } from './errors.ts'

/** Signatures older or newer than this are not accepted, milliseconds. */
const TOLERANCE_MS = 5 * 60_000
const SECRET_WORDS = 8

/** What a delivery says of itself in its headers. */
export interface DeliveryHeaders {
  /** `webhook-id` */
  readonly id: string | undefined
  /** `webhook-timestamp`, seconds since 1970. */
  readonly timestamp: string | undefined
  /** `webhook-signature`: one or more of `v1,BASE64`, with blanks between. */
  readonly signature: string | undefined
}

/** A delivery, and how it is to show that it may fire the schedule. */
export interface Verification {
  readonly headers: DeliveryHeaders
  readonly body: string
  readonly now: EpochMs
}

/** A new secret for the path of a webhook: 256 random bits. */
export function createHookSecret(random: Random): string {
  const bytes = Buffer.alloc(SECRET_WORDS * 4)
  for (let word = 0; word < SECRET_WORDS; word++) bytes.writeUInt32BE(random.uint32(), word * 4)
  return bytes.toString('base64url')
}

/** What is kept of a secret in a path. */
export function hashHookSecret(secret: string): string {
  return sha256(secret)
}

/** @throws {@link UnverifiedDeliveryError} the path does not hold the secret of this hash. */
export function verifyPath(secret: string | undefined, hash: string | undefined): void {
  const isRight = timingSafeEqual(
    Buffer.from(hashHookSecret(secret ?? '')),
    Buffer.from(hash ?? hashHookSecret('?')),
  )
  if (!isRight || hash === undefined) {
    throw new UnverifiedDeliveryError('the path does not hold the right secret')
  }
}

/**
 * Whether the body, the id and the time of a delivery were signed with `secret`.
 *
 * @remarks Source: Standard Webhooks (docs/sources.md#standard-webhooks).
 * @throws {@link UnverifiedDeliveryError} a header is missing, the time is off, or no signature fits.
 */
export function verifySignature(secret: string, { headers, body, now }: Verification): void {
  const { id, timestamp, signature } = headers
  if (id === undefined || timestamp === undefined || signature === undefined) {
    throw new UnverifiedDeliveryError(
      'webhook-id, webhook-timestamp and webhook-signature are needed',
    )
  }
  const sentAt = Number(timestamp) * 1_000
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - sentAt) > TOLERANCE_MS) {
    throw new UnverifiedDeliveryError('webhook-timestamp is more than five minutes off')
  }
  const expected = signDelivery(secret, { id, timestamp, body })
  const isSigned = signature.split(' ').some((given) => isSame(given, expected))
  if (!isSigned) throw new UnverifiedDeliveryError('no signature fits')
}

/** What is signed of a delivery. */
export interface SignedDelivery {
  readonly id: string
  readonly timestamp: string
  readonly body: string
}

/** The signature of a delivery: `v1,BASE64`. */
export function signDelivery(secret: string, { id, timestamp, body }: SignedDelivery): string {
  const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret)
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return `v1,${mac}`
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
