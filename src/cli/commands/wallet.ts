import type { Cli } from '../cli.ts'

import { parseCount } from './options.ts'

/** `wallet` */
export function registerWallet({ program, action }: Cli): void {
  const wallet = program
    .command('wallet')
    .summary('show the credit, or what moved it')
    .description('Shows the credit, or what moved it.')
  wallet
    .command('balance', { isDefault: true })
    .description('Shows how much is free, set aside and spent.')
    .action(
      action(async (context) => {
        const { showBalance } = await import('../look/wallet.ts')
        return showBalance(context)
      }),
    )
  wallet
    .command('transfers')
    .description('Lists what moved the credit, the latest first.')
    .option('-n, --limit <count>', 'how many', parseCount('--limit', 1, 100_000), 20)
    .action(
      action(async (context, flags: { readonly limit: number }) => {
        const { listTransfers } = await import('../look/wallet.ts')
        return listTransfers(context, flags)
      }),
    )
}
