import type { Transfer } from '../../client/index.ts'
import { formatFtns } from '../../kernel/money.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { dayTime } from '../text/time.ts'

/** `prsm wallet` */
export async function showBalance(context: Context): Promise<ExitCode> {
  const wallet = await withSession(context, 'none', ({ client }) => client.wallet())
  if (context.isJson) context.printJson(toJson(wallet))
  else {
    const { available, held, received, spent } = wallet
    context.print(
      `free       ${formatFtns(available)}`,
      `set aside  ${formatFtns(held)}`,
      `spent      ${formatFtns(spent)} of ${formatFtns(received)} received`,
    )
  }
  return EXIT.done
}

/** `prsm wallet transfers` */
export async function listTransfers(
  context: Context,
  { limit }: { readonly limit: number },
): Promise<ExitCode> {
  const transfers = await withSession(context, 'none', async ({ client }) => {
    const found: Transfer[] = []
    for await (const each of client.transfers({ limit: Math.min(limit, 200) })) {
      found.push(each)
      if (found.length === limit) break
    }
    return found
  })
  if (context.isJson) context.printJson(transfers.map((each) => toJson(each)))
  else if (transfers.length === 0) context.note('nothing has moved yet')
  else context.print(...tableOf(context, transfers))
  return EXIT.done
}

function tableOf(
  { terminal, paint, glyphs }: Context,
  transfers: readonly Transfer[],
): readonly string[] {
  return renderTable({
    columns: [
      { title: 'WHEN' },
      { title: 'WHY' },
      { title: 'AMOUNT', align: 'right' },
      { title: 'FROM', least: 16, spare: 2 },
      { title: 'TO', least: 16, spare: 1 },
      { title: 'FOR', least: 12 },
    ],
    rows: transfers.map(({ at, reason, amount, debit, credit, memo = '' }) => [
      { text: dayTime(at), paint: paint.dim },
      { text: reason },
      { text: formatFtns(amount) },
      { text: debit },
      { text: credit },
      { text: memo },
    ]),
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}
