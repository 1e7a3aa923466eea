import type { Path } from './path.ts'

/** What the scan has come to, and whether the value looked for was met. */
interface Scan {
  readonly text: string
  readonly path: Path
  offset: number
}

/**
 * Where the value at `path` stands in a JSON text: its key, or the item of a list; the nearest
 * value above it when it does not exist.
 *
 * @remarks Linear in the text and without building anything. `text` must be valid JSON.
 * @returns an offset into `text`.
 */
export function findInJson(text: string, path: Path): number {
  const scan: Scan = { text, path, offset: 0 }
  skipSpace(scan)
  return descend(scan, 0, scan.offset)
}

/** At the first character of the value at `path.slice(0, depth)`, which is known as `here`. */
function descend(scan: Scan, depth: number, here: number): number {
  const wanted = scan.path[depth]
  if (wanted === undefined) return here
  const open = scan.text[scan.offset]
  if (open === '{') return inObject(scan, depth, { wanted, here })
  if (open === '[') return inList(scan, depth, { wanted, here })
  return here
}

interface Target {
  readonly wanted: string | number
  readonly here: number
}

function inObject(scan: Scan, depth: number, { wanted, here }: Target): number {
  scan.offset++
  for (;;) {
    skipSpace(scan)
    if (scan.text[scan.offset] !== '"') return here
    const start = scan.offset
    skipString(scan)
    const key: unknown = JSON.parse(scan.text.slice(start, scan.offset))
    skipSpace(scan)
    scan.offset++
    skipSpace(scan)
    if (key === wanted) return descend(scan, depth + 1, start)
    skipValue(scan)
    skipSpace(scan)
    if (scan.text[scan.offset++] !== ',') return here
  }
}

function inList(scan: Scan, depth: number, { wanted, here }: Target): number {
  scan.offset++
  for (let index = 0; ; index++) {
    skipSpace(scan)
    if (scan.text[scan.offset] === ']') return here
    if (index === wanted) return descend(scan, depth + 1, scan.offset)
    skipValue(scan)
    skipSpace(scan)
    if (scan.text[scan.offset++] !== ',') return here
  }
}

function skipSpace(scan: Scan): void {
  while (' \t\r\n'.includes(scan.text[scan.offset] ?? 'x')) scan.offset++
}

function skipString(scan: Scan): void {
  for (scan.offset++; scan.text[scan.offset] !== '"'; scan.offset++) {
    if (scan.text[scan.offset] === '\\') scan.offset++
  }
  scan.offset++
}

function skipValue(scan: Scan): void {
  let depth = 0
  do {
    const char = scan.text[scan.offset]
    if (char === undefined) return
    if (char === '"') {
      skipString(scan)
      continue
    }
    if (char === '{' || char === '[') depth++
    if (char === '}' || char === ']') depth--
    if (depth < 0) return
    scan.offset++
  } while (depth > 0 || !',]}'.includes(scan.text[scan.offset] ?? ','))
}
