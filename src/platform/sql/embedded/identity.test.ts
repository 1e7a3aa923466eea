import { describe, expect, test } from 'vitest'

import { permits, serverIdentity } from './identity.ts'

const user = { uid: 1_000, gid: 100 }
const root = { uid: 0, gid: 0 }
const nobody = { uid: 65_534, gid: 65_534 }

describe('the server', () => {
  test('runs as the user who runs PRSM', () => {
    expect(serverIdentity(user, nobody)).toEqual(user)
  })

  test('never runs as root', () => {
    expect(serverIdentity(root, root)).toEqual(nobody)
    expect(serverIdentity(root, user)).toEqual(user)
  })
})

describe('permission', () => {
  test.each([
    ['owner', { ...user, mode: 0o40_700 }, true],
    ['group', { uid: 0, gid: 100, mode: 0o40_070 }, true],
    ['others', { ...root, mode: 0o40_007 }, true],
    ['an owner without, though others have it', { ...user, mode: 0o40_077 }, false],
    ['a group without, though others have it', { uid: 0, gid: 100, mode: 0o40_707 }, false],
    ['others without', { ...root, mode: 0o40_770 }, false],
  ])('of %s', (_case, access, expected) => expect(permits(access, user, 5)).toBe(expected))

  test('needs every bit that is asked for', () => {
    expect(permits({ ...root, mode: 0o100_644 }, user, 4)).toBe(true)
    expect(permits({ ...root, mode: 0o100_644 }, user, 5)).toBe(false)
  })
})
