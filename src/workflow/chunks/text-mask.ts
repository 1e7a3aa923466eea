import { MIN_SECRET, REDACTED } from '../host/redact.ts'

import { createFinder, type Finder, type Found, type Span, unescape } from './find-secrets.ts'

/** Keeps values out of a text that comes piece by piece. */
export interface TextMask {
  /** Takes more of the text; gives what may be shown by now. */
  push(text: string): string
  /** The rest: nothing more comes. */
  end(): string
}

/**
 * Builds the mask of one text.
 *
 * @remarks Invariant: what it gives, put together, is the same wherever the text is cut. The end of
 * a text that may be the beginning of a value is held back until that is known. Of values that
 * overlap nothing is shown. The text of a model is often JSON, so a value is found in its escaped
 * form as well.
 *
 * @param hidden - the values to be kept out, as far as they are known when it is called.
 */
export function createTextMask(hidden: () => readonly string[]): TextMask {
  let held = ''
  let known = 0
  let finders: readonly Finder[] = []
  const refresh = (): void => {
    const values = hidden()
    if (values.length === known) return
    known = values.length
    const long = [...new Set(values)].filter(({ length }) => length >= MIN_SECRET)
    finders = long.map(createFinder)
  }
  return {
    push(text) {
      refresh()
      if (finders.length === 0 && held === '') return text
      const { spans, openFrom } = findAll(finders, held + text)
      const safe = safeEnd(spans, openFrom)
      const shown = mask(held + text, spans, safe)
      held = (held + text).slice(safe)
      return shown
    },
    end() {
      refresh()
      const shown = mask(held, findAll(finders, held).spans, held.length)
      held = ''
      return shown
    },
  }
}

/** All values in a text, as it stands and as JSON; spans that overlap are one. */
function findAll(finders: readonly Finder[], text: string): Found {
  const found = finders.map((find) => find(text))
  if (finders.length === 0 || !text.includes('\\')) return together(found)
  const plain = unescape(text)
  const escaped = finders.map((find) => inOriginal(find(plain.text), plain.starts))
  return together([...found, ...escaped].map((each) => wholeUnits(each, plain.starts, text.length)))
}

function together(found: readonly Found[]): Found {
  const openFrom = Math.min(...found.map((each) => each.openFrom))
  return { spans: joined(found.flatMap(({ spans }) => spans)), openFrom }
}

function inOriginal({ spans, openFrom }: Found, starts: readonly number[]): Found {
  const placeOf = (at: number): number => starts[at] ?? 0
  return {
    spans: spans.map(({ from, to }) => ({ from: placeOf(from), to: placeOf(to) })),
    openFrom: placeOf(openFrom),
  }
}

/** A text is never cut within an escape. */
function wholeUnits({ spans, openFrom }: Found, starts: readonly number[], length: number): Found {
  const before = (at: number): number => starts.findLast((start) => start <= at) ?? 0
  const behind = (at: number): number => starts.find((start) => start >= at) ?? length
  return {
    spans: spans.map(({ from, to }) => ({ from: before(from), to: behind(to) })),
    openFrom: before(openFrom),
  }
}

function joined(spans: readonly Span[]): readonly Span[] {
  if (spans.length === 0) return spans
  const ordered = spans.toSorted((a, b) => a.from - b.from)
  const apart: Span[] = []
  for (const span of ordered) {
    const last = apart.at(-1)
    if (last === undefined || span.from >= last.to) apart.push(span)
    else apart[apart.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
  }
  return apart
}

/** Up to where nothing can change that may come. */
function safeEnd(spans: readonly Span[], openFrom: number): number {
  const across = spans.find(({ from, to }) => from < openFrom && to > openFrom)
  return across === undefined ? openFrom : across.from
}

function mask(text: string, spans: readonly Span[], end: number): string {
  let shown = ''
  let at = 0
  for (const { from, to } of spans) {
    if (from >= end) break
    shown += text.slice(at, from) + REDACTED
    at = to
  }
  return shown + text.slice(at, end)
}
