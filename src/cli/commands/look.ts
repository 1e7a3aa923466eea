import { Option } from 'commander'

import type { Cli } from '../cli.ts'
import type { LogFlags } from '../look/logs.ts'
import type { ListFlags } from '../look/runs.ts'
import type { StreamFlags } from '../look/stream.ts'

import { parseCount } from './options.ts'

interface ShowFlags {
  readonly gantt?: boolean
  readonly bottlenecks?: boolean
}

/** `ls`, `show`, `logs` and `files`. */
export function registerLook({ program, action }: Cli): void {
  program
    .command('ls')
    .summary('list runs, the latest first')
    .description('Lists runs, the latest first.')
    .option('--status <status>', 'only those that are so: running, waiting, paused, failed …')
    .option('--name <workflow>', 'only those of one workflow')
    .option('-n, --limit <count>', 'how many', parseCount('--limit', 1, 10_000), 20)
    .action(
      action(async (context, flags: ListFlags) => {
        const { listRuns } = await import('../look/runs.ts')
        return listRuns(context, flags)
      }),
    )
  registerShow({ program, action })
  registerLogs({ program, action })
  program
    .command('files')
    .summary('list the files of a run, or print one')
    .description('Lists the files in the folder of a run, or prints one of them.')
    .argument('<run>', 'a run, or the beginning or end of its id')
    .argument('[path]', 'a file to be printed on standard output')
    .action(
      action(async (context, run: string, path: string | undefined) => {
        const { showFiles } = await import('../look/files.ts')
        return showFiles(context, run, path)
      }),
    )
}

interface LogsFlags extends LogFlags, StreamFlags {
  readonly stream?: boolean
}

function registerLogs({ program, action }: Cli): void {
  program
    .command('logs')
    .summary('print what happened in a run, or what its steps write')
    .description(
      'Prints what happened in a run, event by event; or with --stream the text that its steps write while they work.',
    )
    .argument('<run>', 'a run, or the beginning or end of its id')
    .option('-f, --follow', 'go on until the run ends')
    .addOption(
      new Option('-n, --tail <count>', 'only the last ones')
        .argParser(parseCount('--tail', 0, 1_000_000))
        .conflicts('stream'),
    )
    .option('--stream', 'what models write, as they write it')
    .option('--step <step>', 'only what this step writes, or an item of its list: STEP[INDEX]')
    .addHelpText(
      'after',
      '\nExamples:\n  prsm logs last --follow\n  prsm logs last --stream --follow\n  prsm logs last --stream --step draft > draft.txt',
    )
    .action(
      action(async (context, run: string, flags: LogsFlags) => {
        if (flags.stream === true || flags.step !== undefined) {
          const { printStream } = await import('../look/stream.ts')
          return printStream(context, run, flags)
        }
        const { printLogs } = await import('../look/logs.ts')
        return printLogs(context, run, flags)
      }),
    )
}

function registerShow({ program, action }: Cli): void {
  program
    .command('show')
    .summary('show a run: its steps, cost, output and what it waits for')
    .description('Shows a run: its steps, what it has cost, what it gave and what it waits for.')
    .argument('<run>', 'a run, or the beginning or end of its id')
    .addOption(
      new Option('--gantt', 'on a line of time, with what held it up').conflicts('bottlenecks'),
    )
    .option('--bottlenecks', 'why it took as long as it did, and what would make it shorter')
    .action(
      action(async (context, run: string, flags: ShowFlags) => {
        if (flags.gantt === true) {
          const { showGantt } = await import('../progress/show-gantt.ts')
          return showGantt(context, run)
        }
        if (flags.bottlenecks === true) {
          const { showBottlenecks } = await import('../progress/show-bottlenecks.ts')
          return showBottlenecks(context, run)
        }
        const { showRun } = await import('../look/show.ts')
        return showRun(context, run)
      }),
    )
}
