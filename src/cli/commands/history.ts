import type { Cli } from '../cli.ts'
import type { DebugFlags } from '../history/debug.ts'
import type { ForkFlags } from '../history/fork.ts'
import type { RedriveFlags } from '../history/redrive.ts'
import type { UpgradeFlags } from '../history/upgrade.ts'

import { addInputOptions, BUDGET, parseCount } from './options.ts'

const RUN = ['<run>', 'a run, or the beginning or end of its id; "last" is the latest'] as const
const DEFINITION = '--definition <file>'

/** `why`, `debug`, `fork`, `upgrade` and `redrive`. */
export function registerHistory(cli: Cli): void {
  registerWhy(cli)
  registerDebug(cli)
  registerFork(cli)
  registerUpgrade(cli)
  registerRedrive(cli)
}

function registerWhy({ program, action }: Cli): void {
  program
    .command('why')
    .summary('say what a run waits for, since when, and what would help')
    .description(
      'Says what a run waits for, since when, and what would help; without a run, of all that are not over.',
    )
    .argument('[run]', RUN[1])
    .action(
      action(async (context, run: string | undefined) => {
        const { explainRuns } = await import('../history/why.ts')
        return explainRuns(context, run)
      }),
    )
}

function registerDebug({ program, action }: Cli): void {
  program
    .command('debug')
    .summary('look at any place of the history of a run')
    .description(
      'Shows what a step saw, what it was given, what came of it, and how the state of the run changed. Without --at it lists the places there are.',
    )
    .argument(...RUN)
    .option('--at <place>', 'a step, an item such as read[7], or a number of the list')
    .option('--state', 'show the whole state after it as well')
    .option('--verify', 'compare everything that is stored of the run with its history')
    .addHelpText(
      'after',
      `
Examples:
  prsm debug last
  prsm debug last --at summarise
  prsm debug last --at 12 --json
  prsm debug last --verify`,
    )
    .action(
      action(async (context, run: string, flags: DebugFlags) => {
        const { debugRun } = await import('../history/debug.ts')
        return debugRun(context, run, flags)
      }),
    )
}

function registerFork({ program, action }: Cli): void {
  const fork = program
    .command('fork')
    .summary('begin a run with the results of another one')
    .description(
      'Begins a run with the results that another one has had up to a step, and follows it to its end. What could come out differently is begun anew; nothing is paid twice.',
    )
    .argument(...RUN)
    .requiredOption('--from <step>', 'the first step that is begun anew')
  addInputOptions(fork)
    .option(
      '--set <step.name=json>',
      'a parameter of a step; text that is not JSON stands for itself',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option(DEFINITION, 'run this definition instead')
    .option(...BUDGET)
    .option('--dry-run', 'say what would be taken over, and begin nothing')
    .option('--watch', 'show progress (the default); with --json print every event')
    .option('--no-watch', 'print the result only')
    .option('--detach', 'leave the run to a server or worker')
    .addHelpText(
      'after',
      `
Examples:
  prsm fork last --from summarise --dry-run
  prsm fork last --from summarise --set summarise.model=builtin
  prsm fork last --from summarise --input style=short --definition better.yaml`,
    )
    .action(
      action(async (context, run: string, flags: ForkFlags) => {
        const { forkRun } = await import('../history/fork.ts')
        return forkRun(context, run, flags)
      }),
    )
}

function registerUpgrade({ program, action }: Cli): void {
  program
    .command('upgrade')
    .summary('move runs to another definition, or say which it would break')
    .description(
      'Moves a run that is paused, waits or has failed to another definition. With --check it replays unfinished runs under the definition, changes nothing, and fails when one would break.',
    )
    .argument('[run]', RUN[1])
    .requiredOption(DEFINITION, 'the definition to go on under')
    .option('--check', 'only say what it would mean')
    .option('--workflow <name>', 'check the runs of this workflow; by default its own')
    .addHelpText(
      'after',
      `
Examples:
  prsm upgrade --check --definition workflow.yaml
  prsm upgrade last --definition workflow.yaml`,
    )
    .action(
      action(async (context, run: string | undefined, flags: UpgradeFlags) => {
        const { upgradeRuns } = await import('../history/upgrade.ts')
        return upgradeRuns(context, run, flags)
      }),
    )
}

function registerRedrive({ program, action }: Cli): void {
  program
    .command('redrive')
    .summary('let failed runs go on, many at once')
    .description(
      'Lets failed runs go on from what is done; finished steps are not repeated. Asked twice, each goes on once.',
    )
    .option('--workflow <name>', 'only runs of this workflow')
    .option('--since <duration>', 'only runs that failed within it, such as 2h or 3d')
    .option('--code <code>', 'only runs that failed with it, such as models.rate-limited or models')
    .option('-n, --limit <count>', 'how many', parseCount('--limit', 1, 100_000))
    .option('--dry-run', 'say which, and do nothing')
    .option('--detach', 'leave the runs to a server or worker')
    .action(
      action(async (context, flags: RedriveFlags) => {
        const { redriveRuns } = await import('../history/redrive.ts')
        return redriveRuns(context, flags)
      }),
    )
}
