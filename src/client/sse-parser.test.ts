import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createSseParser, type SseMessage } from './sse-parser.ts'

const parseAll = (pieces: readonly string[]): { messages: SseMessage[]; retryMs: number[] } => {
  const parse = createSseParser()
  const messages: SseMessage[] = []
  const retryMs: number[] = []
  for (const piece of pieces) {
    const news = parse(piece)
    messages.push(...news.messages)
    if (news.retryMs !== undefined) retryMs.push(news.retryMs)
  }
  return { messages, retryMs }
}

describe('server-sent events', () => {
  test('fields, comments, several lines of data, a wait', () => {
    const text =
      ': hello\n\nretry: 250\n\nid: 7\nevent: x\ndata: a\ndata:b\nother: 1\n\ndata\n\n:\n\n'
    expect(parseAll([text])).toEqual({
      messages: [
        { id: '7', event: 'x', data: 'a\nb' },
        { id: undefined, event: undefined, data: '' },
      ],
      retryMs: [250],
    })
  })

  test('an unfinished message is none', () => {
    expect(parseAll(['data: a\n']).messages).toEqual([])
    expect(parseAll(['data: a']).messages).toEqual([])
  })

  const word = fc.stringMatching(/^[a-z {}:"]{0,12}$/)
  const message = fc.record({ id: fc.nat(99), data: word.map((text) => `x${text}`) })
  test.prop([
    fc.array(message),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
  ])(
    'are the same wherever the stream is cut, and however its lines end',
    (messages, lineEnd, sizes) => {
      const text = messages
        .map(({ id, data }) => `id: ${id}\ndata: ${data}\n\n`)
        .join('')
        .replaceAll('\n', lineEnd)
      const pieces: string[] = []
      // A last carriage return could be half of a line break: one more line tells.
      for (let rest = `${text}:${lineEnd}`; rest !== '';) {
        const size = sizes.next().value
        pieces.push(rest.slice(0, size))
        rest = rest.slice(size)
      }
      expect(parseAll(pieces).messages).toEqual(
        messages.map(({ id, data }) => ({ id: id.toString(), event: undefined, data })),
      )
    },
  )
})
