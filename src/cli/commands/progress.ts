import { Argument, Option } from 'commander'

import type { Cli } from '../cli.ts'
import type { AlertFlags } from '../progress/alerts.ts'
import type { ExportFlags } from '../progress/export.ts'
import type { SetSlaFlags } from '../progress/sla.ts'
import type { StatsFlags } from '../progress/stats.ts'

import { parseCount } from './options.ts'

/** `stats`, `export`, `sla` and `alerts`. */
export function registerProgress(cli: Cli): void {
  registerStats(cli)
  registerExport(cli)
  registerSla(cli)
  registerAlerts(cli)
}

const SINCE = ['--since <duration>', 'runs that ended so long ago at most', '7d'] as const

function registerStats({ program, action }: Cli): void {
  program
    .command('stats')
    .summary('sum finished runs up: times, success, cost, and how they changed')
    .description(
      'Sums finished runs up: how long they and their steps took, how many failed, what they cost, and where that changed over time.',
    )
    .argument('[workflow]', 'only runs of this workflow')
    .option(...SINCE)
    .addOption(
      new Option('--by <hour|day>', 'of changes over time; by the length of the period').choices([
        'hour',
        'day',
      ]),
    )
    .action(
      action(async (context, workflow: string | undefined, flags: StatsFlags) => {
        const { showStats } = await import('../progress/stats.ts')
        return showStats(context, workflow, flags)
      }),
    )
}

function registerExport({ program, action }: Cli): void {
  program
    .command('export')
    .summary('print a run as a trace that other tools open')
    .description(
      'Prints a run as a trace: for trace viewers such as ui.perfetto.dev, or as spans of OpenTelemetry (OTLP/JSON).',
    )
    .argument('<run>', 'a run, or the beginning or end of its id')
    .addOption(
      new Option('--format <format>', 'which form')
        .choices(['chrome-trace', 'otel'])
        .default('chrome-trace'),
    )
    .option('-o, --output <file>', 'write it into this file')
    .action(
      action(async (context, run: string, flags: ExportFlags) => {
        const { exportRun } = await import('../progress/export.ts')
        return exportRun(context, run, flags)
      }),
    )
}

function registerSla({ program, action }: Cli): void {
  const sla = program
    .command('sla')
    .summary('say what is promised of runs, and see how it is kept')
    .description('Says what is promised of the runs of workflows, and how well it is kept.')
  sla
    .command('ls', { isDefault: true })
    .description('Lists what is promised.')
    .action(
      action(async (context) => {
        const { listSlas } = await import('../progress/sla.ts')
        return listSlas(context)
      }),
    )
  sla
    .command('set')
    .description(
      'Says what is promised of a workflow, in place of what was. While a process works, runs at risk are told before they break it: see prsm alerts.',
    )
    .argument('<workflow>', 'name of the workflow')
    .option('--finish-by <time>', 'local time by which a run is done, such as 06:00')
    .option('--zone <zone>', "time zone of --finish-by, such as Europe/Berlin; this machine's")
    .option('--duration <duration>', 'longest duration of a run, such as 2h')
    .option('--success <share>', 'least share of runs that complete, such as 99%')
    .option('--cost <amount>', 'most a run may cost, such as "5 FTNS"')
    .action(
      action(async (context, workflow: string, flags: SetSlaFlags) => {
        const { setSla } = await import('../progress/sla.ts')
        return setSla(context, workflow, flags)
      }),
    )
  sla
    .command('rm')
    .description('Promises nothing of a workflow any more.')
    .argument('<workflow>', 'name of the workflow')
    .action(
      action(async (context, workflow: string) => {
        const { removeSla } = await import('../progress/sla.ts')
        return removeSla(context, workflow)
      }),
    )
  sla
    .command('report')
    .description('Says how well promises were kept; ends with 1 when one was not.')
    .argument('[workflow]', 'name of the workflow')
    .option(...SINCE)
    .action(
      action(async (context, workflow: string | undefined, flags: { readonly since: string }) => {
        const { reportSlas } = await import('../progress/sla.ts')
        return reportSlas(context, workflow, flags)
      }),
    )
}

function registerAlerts({ program, action }: Cli): void {
  const alerts = program
    .command('alerts')
    .summary('list alerts, acknowledge and resolve them')
    .description('Lists alerts of what is promised, acknowledges and resolves them.')
  alerts
    .command('ls', { isDefault: true })
    .description('Lists alerts that are not resolved, the latest first.')
    .option('--all', 'also those that are resolved')
    .option('-n, --limit <count>', 'how many', parseCount('--limit', 1, 10_000), 20)
    .action(
      action(async (context, flags: AlertFlags) => {
        const { listAlerts } = await import('../progress/alerts.ts')
        return listAlerts(context, flags)
      }),
    )
  for (const [name, description] of MARKS) {
    alerts
      .command(name)
      .description(description)
      .addArgument(new Argument('<alert>', 'alrt_…, or the beginning of it'))
      .action(
        action(async (context, alert: string) => {
          const { markAlert } = await import('../progress/alerts.ts')
          return markAlert(context, alert, name)
        }),
      )
  }
}

const MARKS = [
  ['ack', 'Says that somebody has seen an alert.'],
  ['resolve', 'Says that the matter of an alert is settled.'],
] as const
