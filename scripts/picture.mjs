/**
 * Draws what a terminal shows as SVG, for documents.
 *
 *   tmux capture-pane -e -p | node scripts/picture.mjs 'prsm run …' > docs/run.svg
 */
import { text } from 'node:stream/consumers'

const CELL = { width: 8.4, height: 19 }
const MARGIN = 18
const HEAD = 34
const COLOURS = {
  30: '#1e2127',
  31: '#e06c75',
  32: '#98c379',
  33: '#e5c07b',
  34: '#61afef',
  35: '#c678dd',
  36: '#56b6c2',
  37: '#dcdfe4',
  39: '#dcdfe4',
  90: '#7f848e',
}

/** Goes on from line to line, as in a terminal. */
let style = { fill: COLOURS[39], isBold: false, isDim: false }
const title = process.argv[2] ?? ''
const lines = (await text(process.stdin)).replaceAll('\r', '').trimEnd().split('\n')
const columns = Math.max(80, ...lines.map((line) => [...plain(line)].length))
const width = Math.ceil(columns * CELL.width + 2 * MARGIN)
const height = Math.ceil(lines.length * CELL.height + HEAD + MARGIN)
const dots = ['#e06c75', '#e5c07b', '#98c379'].map(
  (colour, index) => `<circle cx="${20 + index * 18}" cy="17" r="5.5" fill="${colour}"/>`,
)
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">
<title>${escape(title)}</title>
<rect width="100%" height="100%" rx="8" fill="#282c34"/>
${dots.join('')}
<text x="${width / 2}" y="22" fill="#7f848e" text-anchor="middle">${escape(title)}</text>
${lines.map((line, row) => toText(line, HEAD + 14 + row * CELL.height)).join('\n')}
</svg>`)

/** One line; each character has its own place, so that any font keeps the columns. */
function toText(line, y) {
  let column = 0
  const spans = []
  // oxlint-disable-next-line no-control-regex -- colours of a terminal begin with an escape
  for (const part of line.split(/(\u001B\[[\d;]*m)/)) {
    // oxlint-disable-next-line no-control-regex -- as above
    const codes = /^\u001B\[([\d;]*)m$/.exec(part)
    if (codes !== null) style = apply(style, codes[1])
    else if (part !== '') {
      const { fill, isBold, isDim } = style
      for (const word of part.matchAll(/\S+/g)) {
        const from = column + Array.from(part.slice(0, word.index)).length
        const places = [...word[0]].map((_, n) => (MARGIN + (from + n) * CELL.width).toFixed(1))
        spans.push(
          `<tspan x="${places.join(' ')}" fill="${fill}"${isBold ? ' font-weight="bold"' : ''}${isDim ? ' opacity="0.6"' : ''}>${escape(word[0])}</tspan>`,
        )
      }
      column += [...part].length
    }
  }
  return `<text y="${y}" xml:space="preserve">${spans.join('')}</text>`
}

function apply(before, codes) {
  const next = { ...before }
  for (const code of (codes === '' ? '0' : codes).split(';').map(Number)) {
    if (code === 0) Object.assign(next, { fill: COLOURS[39], isBold: false, isDim: false })
    else if (code === 1) next.isBold = true
    else if (code === 2) next.isDim = true
    else if (code === 22) Object.assign(next, { isBold: false, isDim: false })
    else if (COLOURS[code] !== undefined) next.fill = COLOURS[code]
  }
  return next
}

function plain(line) {
  // oxlint-disable-next-line no-control-regex -- as above
  return line.replaceAll(/\u001B\[[\d;]*m/g, '')
}

function escape(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
