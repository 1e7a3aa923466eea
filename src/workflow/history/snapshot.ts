import { hashJson, type Sha256 } from '../../kernel/hash.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { createRunState, type RunState } from '../machine/state.ts'

/** Changes with the form of states: a snapshot of another form is folded anew from the events. */
const FORMAT = 4

/** A state of a run as text. */
export interface Snapshot {
  /** Events folded into it. */
  readonly version: number
  /** Content hash of the definition it was folded under; under another one it means nothing. */
  readonly definition: string
  readonly text: string
  /** Of the state, whatever the order of members: equal states have equal hashes. */
  readonly hash: Sha256
}

/**
 * A state as text, from which it can be had back.
 *
 * @remarks Members of objects keep their order, which expressions can see; the definition is left
 * out. What JSON cannot say stands in objects with one member that begins with `$`.
 */
export function takeSnapshot({ workflow, ...state }: RunState): Snapshot {
  const encoded = encode(state)
  return {
    version: state.version,
    definition: workflow.hash,
    text: JSON.stringify({ format: FORMAT, state: encoded }),
    hash: hashJson(encoded),
  }
}

/** The content hash of a state, its definition left out. */
export function hashState({ workflow: _, ...state }: RunState): Sha256 {
  void _
  return hashJson(encode(state))
}

/**
 * The state that a snapshot stands for; `undefined` when its text is not what it was or not of
 * today's form, so that the events must be folded instead.
 */
export function restoreSnapshot(
  workflow: CompiledWorkflow,
  { text, hash, definition }: Snapshot,
): RunState | undefined {
  if (definition !== workflow.hash) return undefined
  const parsed: Json = JSON.parse(text)
  if (!isJsonObject(parsed) || parsed['format'] !== FORMAT) return undefined
  const encoded = parsed['state'] ?? null
  if (hashJson(encoded) !== hash) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its hash says that `takeSnapshot` made it
  return { ...createRunState(workflow), ...(decode(encoded) as Partial<RunState>) }
}

function encode(value: unknown): Json {
  if (value === undefined) return { $none: 0 }
  if (typeof value === 'bigint') return { $big: value.toString() }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a state holds JSON, lists, maps and big integers
  if (typeof value !== 'object' || value === null) return value as Json
  // Not `map`: what a list of results has no result for yet is a hole.
  if (Array.isArray(value)) return Array.from<unknown, Json>(value, (item) => encode(item))
  if (value instanceof Map) {
    return { $map: [...value].map(([key, member]): Json => [encode(key), encode(member)]) }
  }
  if (value instanceof Float64Array) return { $numbers: [...value] }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const encoded = members.map(([key, member]) => [key, encode(member)] as const)
  const isTagLike = members.length === 1 && members[0]?.[0].startsWith('$') === true
  return isTagLike ? { $plain: encoded } : Object.fromEntries(encoded)
}

function decode(value: Json): unknown {
  if (Array.isArray(value)) return value.map((item: Json) => decode(item))
  if (!isJsonObject(value)) return value
  const members = Object.entries(value)
  const [first] = members
  if (members.length === 1 && first !== undefined) {
    const [tag, content] = first
    if (tag === '$none') return undefined
    if (tag === '$big') return BigInt(typeof content === 'string' ? content : 0)
    if (tag === '$map') return new Map(pairs(content))
    if (tag === '$numbers') return Float64Array.from(Array.isArray(content) ? content : [], Number)
    if (tag === '$plain') return Object.fromEntries(pairs(content))
  }
  return Object.fromEntries(members.map(([key, member]) => [key, decode(member)]))
}

function pairs(content: Json): (readonly [string, unknown])[] {
  if (!Array.isArray(content)) return []
  return content.map((pair: Json) => {
    const [key, member = null]: readonly Json[] = Array.isArray(pair) ? pair : []
    return [typeof key === 'string' ? key : '', decode(member)] as const
  })
}
