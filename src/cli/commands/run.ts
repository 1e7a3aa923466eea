import type { Cli } from '../cli.ts'
import type { RunFlags } from '../run/run-workflow.ts'

import { addInputOptions, addQueueOptions, BUDGET } from './options.ts'

const WHAT =
  'definition, a folder with a workflow.yaml, or the NAME[@VERSION or @TAG] of a saved workflow'

/** `run` and `quote`. */
export function registerRun({ program, action }: Cli): void {
  const run = program
    .command('run')
    .summary('run a workflow here and follow it to its end')
    .description(
      'Checks a workflow, quotes it, begins a run and follows it to its end. Ctrl-C stops the run so that it can be resumed.',
    )
    .argument('<workflow>', WHAT)
  addQueueOptions(addInputOptions(run).option(...BUDGET))
    .option('--watch', 'show progress (the default); with --json print every event')
    .option('--no-watch', 'print the result only')
    .option('--dry-run', 'check and quote, and run nothing')
    .option('--detach', 'leave the run to a server or worker on the same database')
    .addHelpText(
      'after',
      `
Examples:
  prsm run hello.yaml
  prsm run digest --input docs=./papers --budget "2 FTNS"
  prsm run hello.yaml --input text=@letter.txt --json
  prsm run hello@prod
  prsm run night.yaml --detach --window 22:00-06:00`,
    )
    .action(
      action(async (context, file: string, flags: RunFlags) => {
        const { runWorkflow } = await import('../run/run-workflow.ts')
        return runWorkflow(context, file, flags)
      }),
    )
  const quote = program
    .command('quote')
    .summary('say what a run would cost')
    .description('Checks a workflow and says what a run with these inputs would cost.')
    .argument('<workflow>', WHAT)
  addInputOptions(quote)
    .option(...BUDGET)
    .action(
      action(async (context, file: string, flags: RunFlags) => {
        const { quoteWorkflow } = await import('../run/run-workflow.ts')
        return quoteWorkflow(context, file, flags)
      }),
    )
}
