import type { ErrorRecord } from '../../kernel/errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'

/** Shorter values would black out ordinary words. */
export const MIN_SECRET = 4

/** What stands in the place of a hidden value. */
export const REDACTED = '[secret]'

/** A result without the values of secrets in it. */
export function redact(value: Json, secrets: readonly string[]): Json {
  const long = longest(secrets)
  return long.length === 0 ? value : without(value, long)
}

/** An error without the values of secrets in it. */
export function redactError(error: ErrorRecord, secrets: readonly string[]): ErrorRecord {
  if (secrets.length === 0) return error
  const { code, message, hint, details } = error
  const clean = redact(
    { message, ...(hint !== undefined && { hint }), ...(details && { details }) },
    secrets,
  )
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- redaction changes texts, not shapes
  return { code, ...(clean as unknown as Omit<ErrorRecord, 'code'>) }
}

/** Whether a value has one of the secrets in it. */
export function holdsSecret(value: Json, secrets: readonly string[]): boolean {
  const long = longest(secrets)
  return long.length > 0 && holds(value, long)
}

/** The texts that a sensitive value must not be recognised by. */
export function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  if (Array.isArray(value)) return value.flatMap((item: Json) => textsIn(item))
  return isJsonObject(value) ? Object.values(value).flatMap((member) => textsIn(member)) : []
}

/** One secret may be part of another: the longer one goes first. */
function longest(secrets: readonly string[]): readonly string[] {
  if (secrets.length === 0) return secrets
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .toSorted((a, b) => b.length - a.length)
}

function without(value: Json, secrets: readonly string[]): Json {
  if (typeof value === 'string') return cleaned(value, secrets)
  if (typeof value === 'number') return secrets.includes(String(value)) ? REDACTED : value
  if (Array.isArray(value)) return value.map((item: Json) => without(item, secrets))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [cleaned(key, secrets), without(member, secrets)]),
  )
}

function cleaned(text: string, secrets: readonly string[]): string {
  return secrets.reduce((sum, secret) => sum.replaceAll(secret, () => REDACTED), text)
}

function holds(value: Json, secrets: readonly string[]): boolean {
  if (typeof value === 'string') return secrets.some((secret) => value.includes(secret))
  if (typeof value === 'number') return secrets.includes(String(value))
  if (Array.isArray(value)) return value.some((item: Json) => holds(item, secrets))
  if (!isJsonObject(value)) return false
  return Object.entries(value).some(
    ([key, member]) => holds(key, secrets) || holds(member, secrets),
  )
}
