import type { Cli } from '../cli.ts'

/** `models` and `prices`. */
export function registerModels({ program, action }: Cli): void {
  program
    .command('models')
    .summary('list where models come from, and which is used by default')
    .description('Lists the providers of models, whether they can be used, and the default model.')
    .action(
      action(async (context) => {
        const { showModels } = await import('../look/models.ts')
        return showModels(context)
      }),
    )
  program
    .command('prices')
    .summary('list what models and processor time cost')
    .description('Lists what models and processor time cost.')
    .action(
      action(async (context) => {
        const { showPrices } = await import('../look/models.ts')
        return showPrices(context)
      }),
    )
}
