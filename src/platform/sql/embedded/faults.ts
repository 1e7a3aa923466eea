import { DataDirectoryError } from './errors.ts'

/** Whether `fault` is a system or database error with one of these codes. */
export function hasCode(fault: unknown, ...codes: readonly string[]): fault is Error {
  return (
    fault instanceof Error &&
    'code' in fault &&
    typeof fault.code === 'string' &&
    codes.includes(fault.code)
  )
}

/** What `work` gives, or `undefined` when it fails with one of these codes. */
export async function unlessCode<Value>(
  codes: readonly string[],
  work: () => Promise<Value> | Value,
): Promise<Value | undefined> {
  try {
    return await work()
  } catch (fault) {
    if (hasCode(fault, ...codes)) return undefined
    throw fault
  }
}

/** What the system's refusals mean for a data directory. */
const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'is not accessible to this user',
  EPERM: 'may not be changed by this user',
  EROFS: 'lies on a read-only file system',
  EEXIST: 'is not a directory',
  ENOTDIR: 'is, or lies below, something that is not a directory',
  ELOOP: 'is a link where none is expected',
  ENAMETOOLONG: 'is too long a name',
  ENOSPC: 'has no room: the disk is full',
  EDQUOT: "has no room: the user's quota is used up",
}

/**
 * What `work` gives.
 *
 * @throws {@link DataDirectoryError} the file system refuses, for a reason that lies with `path`.
 */
export async function asDirectoryError<Value>(
  path: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work()
  } catch (fault) {
    if (!hasCode(fault, ...Object.keys(PROBLEMS))) throw fault
    const code = 'code' in fault ? String(fault.code) : ''
    throw new DataDirectoryError(path, `${PROBLEMS[code]} (${fault.message})`, { cause: fault })
  }
}
