import type { Cli } from '../cli.ts'
import type { KeyFlags } from '../look/keys.ts'

/** `keys` */
export function registerKeys({ program, action }: Cli): void {
  const keys = program
    .command('keys')
    .summary('make, list and revoke API keys')
    .description('Makes, lists and revokes API keys.')
  keys
    .command('ls', { isDefault: true })
    .description('Lists API keys; their secrets are kept nowhere.')
    .action(
      action(async (context) => {
        const { listKeys } = await import('../look/keys.ts')
        return listKeys(context)
      }),
    )
  keys
    .command('create')
    .description('Makes an API key and prints it, this once.')
    .argument('<name>', 'who or what uses it')
    .option('--scope <scope>', 'read, run or admin; "run" by default')
    .option('--expires <duration>', 'such as 30d; never by default')
    .action(
      action(async (context, name: string, flags: KeyFlags) => {
        const { createKey } = await import('../look/keys.ts')
        return createKey(context, name, flags)
      }),
    )
  keys
    .command('revoke')
    .description('Ends an API key for good.')
    .argument('<id>', 'key_…, as keys ls shows it')
    .action(
      action(async (context, id: string) => {
        const { revokeKey } = await import('../look/keys.ts')
        return revokeKey(context, id)
      }),
    )
}
