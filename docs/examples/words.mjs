/** How often each word stands in a text, the most frequent first. */
export function count({ text }, { log }) {
  const counts = new Map()
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  log.info('%d different words', counts.size)
  return [...counts]
    .map(([word, times]) => ({ word, times }))
    .toSorted((a, b) => b.times - a.times || (a.word < b.word ? -1 : 1))
}
