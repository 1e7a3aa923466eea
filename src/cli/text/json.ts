import type { Json } from '../../kernel/json.ts'

/** A value of the API as it crosses the wire: amounts are decimal strings of µFTNS. */
export function toJson(value: object): Json {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? member.toString() : member,
  )
  const json: Json = JSON.parse(text)
  return json
}
