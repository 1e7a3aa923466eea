import type { Quote } from '../../client/index.ts'
import { formatFtns } from '../../kernel/money.ts'
import type { Context } from '../context.ts'
import { renderTable } from '../text/table.ts'
import { tameLine } from '../text/width.ts'

/** What a run is expected to cost, in one line, with what that assumes below. */
export function quoteSummary(quote: Quote): readonly string[] {
  const { expected, budget, assumptions } = quote
  const head =
    budget === 0n
      ? 'quote: free'
      : `quote: ${formatFtns(expected)} expected, ${formatFtns(budget)} at most`
  return [head, ...assumptions.map((assumption) => `  assuming ${tameLine(assumption)}`)]
}

/** The whole quote, step by step. */
export function quoteTable(quote: Quote, { terminal, paint, glyphs }: Context): readonly string[] {
  const lines = quote.lines.map(({ step, units, cost }) => [
    { text: step },
    { text: units.toString() },
    { text: formatFtns(cost) },
  ])
  const table = renderTable({
    columns: [
      { title: 'STEP', least: 8 },
      { title: 'TIMES', align: 'right' },
      { title: 'COST', align: 'right' },
    ],
    rows: lines,
    width: terminal.out.columns,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
  const free = ['nothing in it is priced']
  return [...(lines.length === 0 ? free : table), '', ...quoteSummary(quote)]
}
