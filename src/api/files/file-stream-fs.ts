import type { FileHandle } from 'node:fs/promises'

const CHUNK_BYTES = 64 * 1024

/**
 * The first `sizeBytes` bytes of a file, read at the pace of the reader.
 *
 * @remarks The file is closed at the end, on a fault and when the reader leaves. A file that grows
 * meanwhile gives what it had; one that shrinks fails, so that a cut copy is not taken for whole.
 */
export function createFileStream(
  handle: FileHandle,
  sizeBytes: number,
): ReadableStream<Uint8Array> {
  let position = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const length = Math.min(CHUNK_BYTES, sizeBytes - position)
        const chunk = new Uint8Array(length)
        const { bytesRead } = length === 0 ? { bytesRead: 0 } : await read(handle, chunk, position)
        position += bytesRead
        if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead))
        if (position < sizeBytes && bytesRead > 0) return
        await handle.close()
        if (position === sizeBytes) controller.close()
        else controller.error(new RangeError('the file became shorter while it was read'))
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 0 },
  )
}

async function read(
  handle: FileHandle,
  chunk: Uint8Array,
  position: number,
): Promise<{ readonly bytesRead: number }> {
  try {
    return await handle.read(chunk, 0, chunk.length, position)
  } catch (fault) {
    await handle.close()
    throw fault
  }
}
