import { execFile } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

import { DataDirectoryError } from './errors.ts'
import { hasCode } from './faults.ts'

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants

/** An end of a named pipe that this process writes to. */
export interface WriteEnd {
  /** Writes a line; false when nobody reads any more. */
  write(line: string): boolean
  /** Closes it; repeating it does nothing. */
  close(): void
}

/** Both ends of a named pipe, in one process. */
export interface PipeEnds {
  readonly writeEnd: WriteEnd
  /** Descriptor of the other end; whoever has it must close it. */
  readonly readEnd: number
}

/**
 * Makes a named pipe.
 *
 * @throws {@link DataDirectoryError} the file system does not let it be made.
 */
export async function makePipe(path: string): Promise<void> {
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', path])
  } catch (fault) {
    throw new DataDirectoryError(path, 'could not be made as a named pipe (mkfifo)', {
      cause: fault,
      hint: 'the command mkfifo and a local, writable file system are needed; choose one with --data-dir',
    })
  }
}

/** Opens both ends of a pipe, or gives `undefined` when it is not there. */
export function openBothEnds(path: string): PipeEnds | undefined {
  // To open one end waits for the other, except for both at once.
  const both = openPipe(path, O_RDWR)
  if (both === undefined) return undefined
  try {
    const readEnd = openPipe(path, O_RDONLY)
    const writeEnd = openPipe(path, O_WRONLY | O_NONBLOCK)
    if (readEnd !== undefined && writeEnd !== undefined) {
      return { readEnd, writeEnd: wrap(writeEnd) }
    }
    // The pipe was renamed in between.
    for (const end of [readEnd, writeEnd]) if (end !== undefined) closeSync(end)
    return undefined
  } finally {
    closeSync(both)
  }
}

/** Closes both ends; repeating it fails, as the number of the other end may be another file's. */
export function closeEnds({ readEnd, writeEnd }: PipeEnds): void {
  closeSync(readEnd)
  writeEnd.close()
}

/** Opens a pipe for writing, or gives `undefined` when it is not there or has no reader. */
export function openWriteEnd(path: string): WriteEnd | undefined {
  const descriptor = openPipe(path, O_WRONLY | O_NONBLOCK)
  return descriptor === undefined ? undefined : wrap(descriptor)
}

/** Whether the pipe is there and somebody reads it. */
export function hasReader(path: string): boolean {
  const descriptor = openPipe(path, O_WRONLY | O_NONBLOCK)
  if (descriptor !== undefined) closeSync(descriptor)
  return descriptor !== undefined
}

/** Whether the pipe is there and somebody holds it open for writing. May swallow a line. */
export function hasWriter(path: string): boolean {
  const descriptor = openPipe(path, O_RDONLY | O_NONBLOCK)
  if (descriptor === undefined) return false
  try {
    return readSync(descriptor, Buffer.alloc(64)) > 0
  } catch (fault) {
    if (hasCode(fault, 'EAGAIN')) return true
    throw fault
  } finally {
    closeSync(descriptor)
  }
}

function openPipe(path: string, flags: number): number | undefined {
  try {
    // The folder belongs to the server's user: root must not be led to another file.
    const descriptor = openSync(path, flags | O_NOFOLLOW)
    if (fstatSync(descriptor).isFIFO()) return descriptor
    closeSync(descriptor)
    throw new DataDirectoryError(path, 'is not a named pipe')
  } catch (fault) {
    // ENXIO: opened for writing, but nobody reads.
    if (hasCode(fault, 'ENXIO', 'ENOENT')) return undefined
    throw fault
  }
}

// A plain number, not a FileHandle: that one closes itself when it is collected as garbage.
function wrap(descriptor: number): WriteEnd {
  let isOpen = true
  return {
    write(line) {
      try {
        writeSync(descriptor, `${line}\n`)
        return true
      } catch (fault) {
        if (hasCode(fault, 'EAGAIN')) return true // full: read slowly, but not closed
        if (hasCode(fault, 'EPIPE')) return false
        throw fault
      }
    },
    close() {
      if (isOpen) closeSync(descriptor)
      isOpen = false
    },
  }
}
