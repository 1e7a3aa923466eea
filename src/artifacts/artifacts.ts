import { sha256 } from '../kernel/hash.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'

import { ArtifactMissingError } from './errors.ts'
import type { ArtifactStore } from './store.ts'

/** Longest JSON text that is kept inline, bytes. */
export const INLINE_LIMIT_BYTES = 64 * 1024

/** Keeps large values out of line. */
export interface Artifacts {
  /**
   * The value itself when it is small, else a reference to where it is kept.
   *
   * @remarks Retry: the same value has the same reference and is kept once.
   */
  deflate(value: Json): Promise<Json>
  /**
   * The value with every reference at its top, or in the list at its top, replaced by what it
   * stands for.
   *
   * @throws {@link ArtifactMissingError} it is not kept any more.
   */
  inflate(value: Json): Promise<Json>
  /** Whether a value is small at a glance, so that {@link deflate} would leave it as it is. */
  isSmall(value: Json): boolean
  /** Whether {@link inflate} would have anything to do. */
  isDeflated(value: Json): boolean
}

/** Builds the service; called once, from the composition root. */
export function createArtifacts({ store }: { readonly store: ArtifactStore }): Artifacts {
  const load = async (hash: string): Promise<Json> => {
    const content = await store.find(hash)
    if (content === undefined) throw new ArtifactMissingError(hash)
    const value: Json = JSON.parse(new TextDecoder().decode(content))
    return value
  }
  return {
    async deflate(value) {
      if (isSmall(value)) return value
      const text = JSON.stringify(value)
      if (text.length <= INLINE_LIMIT_BYTES / 3) return value
      const content = new TextEncoder().encode(text)
      if (content.length <= INLINE_LIMIT_BYTES) return value
      const hash = sha256(content)
      await store.put({ hash, mediaType: 'application/json', content })
      return { $artifact: hash, bytes: content.length }
    },
    isDeflated,
    isSmall,
    async inflate(value) {
      const hash = referenceOf(value)
      if (hash !== undefined) return load(hash)
      if (!Array.isArray(value) || !value.some((item: Json) => referenceOf(item) !== undefined))
        return value
      return Promise.all(
        value.map(async (item: Json) => {
          const itemHash = referenceOf(item)
          return itemHash === undefined ? item : load(itemHash)
        }),
      )
    },
  }
}

function isDeflated(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some((item: Json) => referenceOf(item) !== undefined)
  return referenceOf(value) !== undefined
}

/** The hash of the artifact a value refers to; `undefined` when it is a plain value. */
export function referenceOf(value: Json): string | undefined {
  if (!isJsonObject(value)) return undefined
  const hash = value['$artifact']
  return typeof hash === 'string' ? hash : undefined
}

/** Texts longer than this are measured before they are called small. */
const SMALL_TEXT = 1_024
/** Members of an object, or items of a list, up to which it is looked through. */
const SMALL_COUNT = 32

/** A look that spares the common case a serialisation: few members, none of them large or deep. */
function isSmall(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return isSmallScalar(value)
  let count = 0
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (++count > SMALL_COUNT || !isSmallScalar(member)) return false
  }
  return true
}

function isSmallScalar(value: Json): boolean {
  if (typeof value === 'string') return value.length < SMALL_TEXT
  return typeof value !== 'object' || value === null
}
