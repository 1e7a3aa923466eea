import type { Fetch } from './load-provider.ts'

/** No answer of a language model comes near this; a body that does is an attack or a mistake. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

/** A fetch whose response bodies fail beyond `maxBytes`. */
export function limitResponses(fetch: Fetch, maxBytes: number = MAX_BODY_BYTES): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (response.body === null) return response
    const body = response.body.pipeThrough(byteLimit(maxBytes))
    const { status, statusText, headers } = response
    return new Response(body, { status, statusText, headers })
  }
}

function byteLimit(
  maxBytes: number,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength
      if (seen > maxBytes) throw new SyntaxError(`the response is longer than ${maxBytes} bytes`)
      controller.enqueue(chunk)
    },
  })
}
