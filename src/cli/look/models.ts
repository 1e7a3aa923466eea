import { formatFtns } from '../../kernel/money.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { type Cell, type Column, renderTable } from '../text/table.ts'

/** `prsm models` */
export async function showModels(context: Context): Promise<ExitCode> {
  const models = await withSession(context, 'none', ({ client }) => client.models())
  if (context.isJson) {
    context.printJson(toJson(models))
    return EXIT.done
  }
  const { paint, glyphs } = context
  const rows = models.items.map(({ name, isReady, keyNames, defaultModel, models: known }) => [
    { text: name },
    isReady
      ? { text: `${glyphs.ok} ready`, paint: paint.green }
      : { text: `needs ${keyNames.join(' or ')}`, paint: paint.dim },
    {
      text: [...new Set([...(defaultModel === undefined ? [] : [defaultModel]), ...known])].join(
        ', ',
      ),
    },
  ])
  context.print(
    ...tableOf(
      context,
      [
        { title: 'PROVIDER' },
        { title: 'STATE', least: 20, wraps: true },
        { title: 'MODELS', least: 20, wraps: true },
      ],
      rows,
    ),
    '',
    `default: ${models.default}`,
  )
  if (models.notice !== undefined) context.note(context.notePaint.yellow(models.notice))
  return EXIT.done
}

/** `prsm prices` */
export async function showPrices(context: Context): Promise<ExitCode> {
  const prices = await withSession(context, 'none', ({ client }) => client.prices())
  if (context.isJson) {
    context.printJson(toJson(prices))
    return EXIT.done
  }
  const rows = prices.models.map(({ model, inputPerMillion, outputPerMillion }) => [
    { text: model },
    { text: formatFtns(inputPerMillion) },
    { text: formatFtns(outputPerMillion) },
  ])
  context.print(
    ...tableOf(
      context,
      [
        { title: 'MODEL' },
        { title: 'MILLION TOKENS READ', align: 'right' },
        { title: 'MILLION TOKENS WRITTEN', align: 'right' },
      ],
      rows,
    ),
    '',
    `an hour of one core: ${formatFtns(prices.cpuCoreHour)}`,
  )
  return EXIT.done
}

function tableOf(
  { terminal, paint, glyphs }: Context,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): readonly string[] {
  const width = terminal.out.isInteractive ? terminal.out.columns : 1_000
  return renderTable({ columns, rows, width, paintTitle: paint.dim, ellipsis: glyphs.ellipsis })
}
