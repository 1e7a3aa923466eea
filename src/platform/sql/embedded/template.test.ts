import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { packTemplate, unpackTemplate, withoutTrailingZeros } from './template.ts'

const file = fc
  .record({ path: fc.string({ minLength: 1 }), whole: fc.uint8Array({ maxLength: 64 }) })
  .map(({ path, whole }) => ({
    path,
    sizeBytes: whole.length,
    content: Uint8Array.from(withoutTrailingZeros(whole)),
  }))

test.prop([fc.array(fc.string()), fc.array(file)], { numRuns: 50 })(
  'a template comes back as it was packed',
  (directories, files) => {
    const back = unpackTemplate(packTemplate({ directories, files }))
    expect(back.directories).toEqual(directories)
    expect(back.files.map((f) => ({ ...f, content: Uint8Array.from(f.content) }))).toEqual(files)
  },
)

test('equal files and zeros at the end take no room', () => {
  const content = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7_919) >>> 3)
  const files = Array.from({ length: 100 }, (_, index) => ({
    path: `base/${index}`,
    sizeBytes: 16_777_216,
    content,
  }))
  expect(packTemplate({ directories: [], files }).length).toBeLessThan(6_000)
})

test.prop([fc.uint8Array(), fc.nat({ max: 20 })])(
  'only zeros at the end are cut',
  (bytes, zeros) => {
    const cut = withoutTrailingZeros(Uint8Array.from([...bytes, ...Array(zeros).fill(0)]))
    expect(cut.at(-1)).not.toBe(0)
    expect(bytes.subarray(0, cut.length)).toEqual(cut)
    expect(bytes.subarray(cut.length).every((byte) => byte === 0)).toBe(true)
  },
)
