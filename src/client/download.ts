import type { Call } from './call.ts'
import type { Download } from './contract/events.ts'
import { UnexpectedResponseError } from './errors.ts'
import type { Transport } from './transport.ts'

/** Opens the content of a file. */
export async function download(transport: Transport, call: Call): Promise<Download> {
  const response = await transport.openSafely({ ...call, accept: '*/*' })
  const { body, headers, status } = response
  if (body === null) throw new UnexpectedResponseError(status, 'it has no content')
  const size = headers.get('content-length')
  return {
    contentType: headers.get('content-type') ?? 'application/octet-stream',
    sizeBytes: size === null ? undefined : Number(size),
    body,
  }
}
