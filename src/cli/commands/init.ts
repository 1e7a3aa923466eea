import type { Cli } from '../cli.ts'

/** `init` */
export function registerInit({ program, action }: Cli): void {
  program
    .command('init')
    .summary('write a first workflow and a settings file')
    .description(
      'Writes hello.yaml, a first workflow that needs no key, and prsm.config.yaml, where every setting is explained.',
    )
    .argument('[folder]', 'where', '.')
    .option('-f, --force', 'write over what is there')
    .action(
      action(async (context, folder: string, flags: { readonly force?: boolean }) => {
        const { init } = await import('../init/init.ts')
        return init(context, folder, flags)
      }),
    )
}
