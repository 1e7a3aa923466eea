import { generateKeyPairSync } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { hashJson } from '../../kernel/hash.ts'

import { InvalidBundleError } from './errors.ts'
import type { BundlePayload } from './schema.ts'
import { fingerprintOf, keyOf, openBundle, publicKeyOf, signBundle } from './signature.ts'

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const key = newKey()
const definition = { name: 'x', steps: { a: { uses: 'transform', with: { value: 'ü' } } } }
const payload: BundlePayload = {
  name: 'x',
  versions: [
    {
      version: 1,
      hash: hashJson(definition),
      author: 'acme/key_1',
      message: '',
      at: 1,
      isDraft: false,
      definition,
    },
  ],
  tags: { prod: 1 },
  modules: [],
}

describe('a bundle', () => {
  test('gives what was signed, and the same bytes for the same content', () => {
    const text = signBundle(payload, key)
    expect(signBundle({ ...payload }, key)).toBe(text)
    expect(openBundle(text)).toMatchObject({ payload, signature: { publicKey: publicKeyOf(key) } })
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('is refused when any byte of it is another one, is missing, or is one too many', () => {
    const bytes = Buffer.from(signBundle(payload, key))
    const passed: string[] = []
    const attempt = (changed: Uint8Array, what: string): void => {
      try {
        openBundle(Buffer.from(changed).toString('utf8'))
        passed.push(what)
      } catch (fault) {
        if (!(fault instanceof InvalidBundleError)) throw fault
      }
    }
    for (const [index, byte] of bytes.entries()) {
      const other = Uint8Array.from(bytes)
      other[index] = byte ^ 1
      attempt(other, `flipped ${index}`)
      attempt(Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)]), `cut ${index}`)
      const space = Buffer.from(' ')
      attempt(
        Buffer.concat([bytes.subarray(0, index), space, bytes.subarray(index)]),
        `space ${index}`,
      )
    }
    expect(passed).toEqual([])
  })

  test('signed again by somebody else is theirs', () => {
    const other = newKey()
    const { signature } = openBundle(signBundle(payload, other))
    expect(fingerprintOf(signature.publicKey)).not.toBe(fingerprintOf(publicKeyOf(key)))
  })

  test('takes no key of another kind', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const text = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    expect(() => keyOf(text)).toThrow(InvalidBundleError)
  })
})
