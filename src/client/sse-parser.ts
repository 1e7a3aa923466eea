/** One message of a stream of server-sent events. */
export interface SseMessage {
  /** `undefined` when the message says none. */
  readonly event: string | undefined
  readonly id: string | undefined
  readonly data: string
}

/** What a stretch of a stream holds. */
export interface SseNews {
  readonly messages: readonly SseMessage[]
  /** How long to wait before connecting again, ms; `undefined` when the stretch does not say. */
  readonly retryMs: number | undefined
}

/** Takes a stream apart, stretch by stretch, wherever it is cut. */
export type SseParser = (text: string) => SseNews

/** Longest line that is waited for, UTF-16 units. */
const MAX_LINE = 64 * 1024 * 1024

/**
 * Builds a parser for one stream.
 *
 * @remarks Source: WHATWG HTML, server-sent events (docs/sources.md#server-sent-events). Deviation:
 * a message without data but with a name is kept.
 * @throws {RangeError} a line does not end: what comes is no stream of events.
 */
export function createSseParser(): SseParser {
  let rest = ''
  let draft = emptyDraft()
  return (text) => {
    // A carriage return at the end may be half of a line break.
    const [whole, kept] = cut(rest + text)
    rest = kept
    if (rest.length > MAX_LINE) throw new RangeError('a line of the stream does not end')
    const messages: SseMessage[] = []
    let retryMs: number | undefined
    for (const line of whole) {
      if (line === '') {
        if (draft.data.length > 0 || draft.event !== undefined) messages.push(finish(draft))
        draft = emptyDraft()
      } else retryMs = readLine(line, draft) ?? retryMs
    }
    return { messages, retryMs }
  }
}

interface Draft {
  event: string | undefined
  id: string | undefined
  readonly data: string[]
}

function emptyDraft(): Draft {
  return { event: undefined, id: undefined, data: [] }
}

function finish({ event, id, data }: Draft): SseMessage {
  return { event, id, data: data.join('\n') }
}

/** Complete lines, and what is left. */
function cut(text: string): readonly [readonly string[], string] {
  const end = Math.max(text.lastIndexOf('\n'), text.slice(0, -1).lastIndexOf('\r'))
  if (end < 0) return [[], text]
  const lines = text.slice(0, end + 1).split(/\r\n|\r|\n/)
  // What stands behind the last line break is no line.
  return [lines.slice(0, -1), text.slice(end + 1)]
}

/** Reads one field into the draft; gives the wait that a `retry` field asks for. */
function readLine(line: string, draft: Draft): number | undefined {
  const colon = line.indexOf(':')
  if (colon === 0) return undefined
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  switch (name) {
    case 'data':
      draft.data.push(value)
      return undefined
    case 'event':
      draft.event = value
      return undefined
    case 'id':
      draft.id = value
      return undefined
    case 'retry':
      return /^\d{1,9}$/.test(value) ? Number(value) : undefined
    default:
      return undefined
  }
}
