import type { PlatformError } from '../../kernel/errors.ts'

import {
  DiskFullError,
  FileAccessError,
  FileDeniedError,
  FileNotFoundError,
  FilesBusyError,
  NotAFileError,
} from './errors.ts'

/** Whether the system reports one of these codes. */
export function isSystemFault(
  fault: unknown,
  ...codes: readonly string[]
): fault is NodeJS.ErrnoException {
  return (
    fault instanceof Error &&
    'code' in fault &&
    typeof fault.code === 'string' &&
    (codes.length === 0 ? 'syscall' in fault : codes.includes(fault.code))
  )
}

type ToFault = (path: string, fault: Error) => PlatformError

const notFound: ToFault = (path, fault) => new FileNotFoundError(path, fault)
const denied: ToFault = (path, fault) => new FileDeniedError(path, fault)
const full: ToFault = (path, fault) => new DiskFullError(path, fault)
const busy: ToFault = (path, fault) => new FilesBusyError(path, fault)
const notAFile =
  (what: string): ToFault =>
  (path, fault) =>
    new NotAFileError(path, what, fault)
const belowFile = notAFile('below a file, as if that were a folder')

/** What the system's codes mean. */
const FAULTS: ReadonlyMap<string, ToFault> = new Map([
  ['ENOENT', notFound],
  ['ELOOP', notFound],
  ['EISDIR', notAFile('a folder')],
  ['ENXIO', notAFile('a device, a pipe or a socket')],
  ['ENOTDIR', belowFile],
  ['EEXIST', belowFile],
  ['EACCES', denied],
  ['EPERM', denied],
  ['EROFS', denied],
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EFBIG', full],
  ['EMFILE', busy],
  ['ENFILE', busy],
  ['EAGAIN', busy],
  ['EBUSY', busy],
])

/** What a fault of the file system means for a path; every other fault stays as it is. */
export function toFileFault(fault: unknown, path: string): unknown {
  if (!isSystemFault(fault)) return fault
  return FAULTS.get(fault.code ?? '')?.(path, fault) ?? new FileAccessError(path, fault)
}

/** What `work` gives; its faults are told of the path, not of the system call. */
export async function withFileFaults<Value>(
  path: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work()
  } catch (fault) {
    throw toFileFault(fault, path)
  }
}
