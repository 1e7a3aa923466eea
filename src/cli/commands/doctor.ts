import type { Cli } from '../cli.ts'

/** `doctor` */
export function registerDoctor({ program, action }: Cli): void {
  program
    .command('doctor')
    .summary('check that everything PRSM needs is there')
    .description('Checks Node, settings, disk, database, models and credit, and says what to do.')
    .action(
      action(async (context) => {
        const { examine } = await import('../doctor/examine.ts')
        return examine(context)
      }),
    )
}
