import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

import { unlessCode } from './faults.ts'

/**
 * The text of a file, or `undefined` when there is none.
 *
 * @remarks
 * Not through a link, and without waiting for the writer of a pipe: the folder belongs to the server's
 * user, who must not lead root to another file.
 *
 * @param tailBytes - read only so much of its end.
 */
export async function readText(path: string, tailBytes = Infinity): Promise<string | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  return unlessCode(['ENOENT', 'ENOTDIR', 'ELOOP'], async () => {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const { size } = await handle.stat()
      const length = Math.min(size, tailBytes)
      const buffer = Buffer.alloc(length)
      const { bytesRead } = await handle.read({ buffer, position: size - length })
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await handle.close()
    }
  })
}
