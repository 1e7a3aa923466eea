/** Stands before the rest of a text that is more than it seems. */
const MARK = '\u0000'

/**
 * Writes a value as JSON in which amounts keep their type: a bigint becomes a marked text.
 *
 * @remarks Members that are undefined are left out, as JSON does.
 */
export function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value, (_, member: unknown) => toWire(member)) ?? 'null')
}

/** Reads what {@link encode} has written. */
export function decode(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  return JSON.parse(Buffer.from(bytes).toString(), (_, member: unknown) => fromWire(member))
}

function toWire(member: unknown): unknown {
  if (typeof member === 'bigint') return `${MARK}n${member}`
  return typeof member === 'string' && member.startsWith(MARK) ? `${MARK}s${member}` : member
}

function fromWire(member: unknown): unknown {
  if (typeof member !== 'string' || !member.startsWith(MARK)) return member
  return member[1] === 'n' ? BigInt(member.slice(2)) : member.slice(2)
}
