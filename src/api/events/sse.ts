/** One message of a stream of server-sent events. */
export interface Message {
  /** What a client that comes back names as `Last-Event-ID`. */
  readonly id?: string
  /** @defaultValue `message` */
  readonly event?: string
  readonly data: string
}

/**
 * A message as it goes over the wire.
 *
 * @remarks Source: WHATWG HTML, server-sent events (docs/sources.md#server-sent-events). JSON text
 * holds no line breaks, so `data` is always one line.
 */
export function encodeMessage({ id, event, data }: Message): string {
  const head = [
    ...(id === undefined ? [] : [`id: ${id}\n`]),
    ...(event === undefined ? [] : [`event: ${event}\n`]),
  ]
  return `${head.join('')}data: ${data}\n\n`
}

/** Text that is sent at once, UTF-16 units; a larger message goes alone. */
const AT_ONCE = 64 * 1024

/** Messages put together into texts of bounded size. */
export function* gathered(messages: Iterable<string>): Generator<string, void> {
  let text = ''
  for (const message of messages) {
    if (text !== '' && text.length + message.length > AT_ONCE) {
      yield text
      text = ''
    }
    text += message
  }
  if (text !== '') yield text
}

/** A line that only shows that the stream lives. */
export const HEARTBEAT = ':\n\n'

/** How long the client is to wait before it connects again, milliseconds. */
export function encodeRetry(delayMs: number): string {
  return `retry: ${delayMs}\n\n`
}
