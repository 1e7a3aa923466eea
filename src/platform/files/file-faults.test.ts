import { describe, expect, test } from 'vitest'

import { toFileFault } from './file-faults.ts'

const fault = (code: string): Error =>
  Object.assign(new Error(`${code}: reason, open '/secret/path'`), { code, syscall: 'open' })

describe('a fault of the file system', () => {
  test.each([
    ['ENOENT', 'files.not-found'],
    ['ELOOP', 'files.not-found'],
    ['EISDIR', 'files.not-a-file'],
    ['ENOTDIR', 'files.not-a-file'],
    ['EACCES', 'files.denied'],
    ['EPERM', 'files.denied'],
    ['EROFS', 'files.denied'],
    ['ENOSPC', 'files.disk-full'],
    ['EDQUOT', 'files.disk-full'],
    ['EMFILE', 'files.busy'],
    ['EIO', 'files.failed'],
    ['ENAMETOOLONG', 'files.failed'],
  ])('%s is %s, naming the path and keeping the cause', (systemCode, code) => {
    const cause = fault(systemCode)
    expect(toFileFault(cause, 'a/b')).toMatchObject({
      code,
      cause,
      message: expect.stringContaining('"a/b"'),
      details: { path: 'a/b' },
    })
  })

  test('of another kind stays as it is', () => {
    const bug = new TypeError('bug')
    expect(toFileFault(bug, 'a')).toBe(bug)
    const own = Object.assign(new Error('x'), { code: 'ENOENT' })
    expect(toFileFault(own, 'a')).toBe(own)
  })
})
