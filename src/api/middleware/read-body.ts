import { TooLargeError } from '../errors.ts'

/**
 * All bytes of a body.
 *
 * @throws {@link TooLargeError} there are more than `limitBytes`; the rest is not read.
 */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limitBytes) throw new TooLargeError(limitBytes)
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    size += value.length
    if (size > limitBytes) throw new TooLargeError(limitBytes)
    chunks.push(value)
  }
}
