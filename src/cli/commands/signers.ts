import type { Cli } from '../cli.ts'

/** `signers` */
export function registerSigners({ program, action }: Cli): void {
  const group = program
    .command('signers')
    .summary('list and trust the keys that sign bundles')
    .description('Lists and trusts the keys that sign bundles of workflows.')
  group
    .command('ls', { isDefault: true })
    .description('Lists the key of this installation, and those that are trusted.')
    .action(
      action(async (context) => {
        const { listSigners } = await import('../library/signers.ts')
        return listSigners(context)
      }),
    )
  group
    .command('trust')
    .description('Trusts a key from now on.')
    .argument('<key>', 'public key, as signers ls shows it elsewhere')
    .option('--name <name>', 'whose it is')
    .action(
      action(async (context, key: string, flags: { readonly name?: string }) => {
        const { trustSigner } = await import('../library/signers.ts')
        return trustSigner(context, key, flags)
      }),
    )
  group
    .command('rm')
    .description('Trusts a key no longer; what it sent before stays.')
    .argument('<id>', 'as signers ls shows it')
    .action(
      action(async (context, id: string) => {
        const { distrustSigner } = await import('../library/signers.ts')
        return distrustSigner(context, id)
      }),
    )
}
