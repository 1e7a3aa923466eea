import type { Command } from 'commander'

import type { Cli } from '../cli.ts'
import type { BackfillFlags, FireFlags, TriggerFlags } from '../schedule/fire.ts'
import type { NextFlags, ScheduleListFlags } from '../schedule/look.ts'
import type { CreateFlags } from '../schedule/make.ts'

import { addInputOptions, parseCount } from './options.ts'

const NAME = ['<name>', 'name or id of the schedule'] as const
const HOW_MANY = '-n, --limit <count>'

/** `schedule` */
export function registerSchedule({ program, action }: Cli): void {
  const group = program
    .command('schedule')
    .summary('run workflows at times, for events and after others')
    .description('Makes, shows and steers schedules, which run workflows by themselves.')
  registerMaking({ program: group, action })
  registerLooking({ program: group, action })
  registerFiring({ program: group, action })
  for (const [name, description] of [
    ['pause', 'Stops a schedule from firing; its runs go on.'],
    ['resume', 'Lets a paused schedule fire again, from now on.'],
    ['delete', 'Ends a schedule for good; its runs go on.'],
  ] as const) {
    group
      .command(name)
      .description(description)
      .argument(...NAME)
      .action(
        action(async (context, schedule: string) => {
          const { steerSchedule } = await import('../schedule/steer.ts')
          return steerSchedule(context, name, schedule)
        }),
      )
  }
}

function registerMaking({ program, action }: Cli): void {
  const create = program
    .command('create')
    .summary('make a schedule of a file, of options, or of both')
    .description('Makes a schedule. Options go before what the file says.')
    .argument('<file>', 'a schedule, or the definition of a workflow')
    .option('--name <name>', 'of the schedule; that of the file by default')
  addTriggerOptions(create)
  addPolicyOptions(create)
    .addHelpText(
      'after',
      `
Examples:
  prsm schedule create nightly.yaml
  prsm schedule create flow.yaml --cron "0 2 * * *" --zone Europe/Berlin --catch-up last
  prsm schedule create flow.yaml --after import --map report=event.data.output`,
    )
    .action(
      action(async (context, file: string, flags: CreateFlags) => {
        const { createSchedule } = await import('../schedule/make.ts')
        return createSchedule(context, file, flags)
      }),
    )
  const update = program
    .command('update')
    .summary('set a new version of a schedule')
    .description('Sets a new version of a schedule: what a file says, and options before it.')
    .argument(...NAME)
    .argument('[file]', 'a schedule, or the definition of a workflow; what it has, by default')
  addTriggerOptions(update)
  addPolicyOptions(update).action(
    action(
      async (
        context,
        ...[name, file, flags]: readonly [string, string | undefined, CreateFlags]
      ) => {
        const { updateSchedule } = await import('../schedule/make.ts')
        return updateSchedule(context, { name, file, flags })
      },
    ),
  )
}

function registerLooking({ program, action }: Cli): void {
  program
    .command('ls')
    .description('Lists schedules.')
    .option('--status <status>', 'active, paused or ended')
    .action(
      action(async (context, flags: ScheduleListFlags) => {
        const { listSchedules } = await import('../schedule/look.ts')
        return listSchedules(context, flags)
      }),
    )
  program
    .command('show')
    .description('Shows a schedule, its next times, its latest fires and its versions.')
    .argument(...NAME)
    .option(HOW_MANY, 'how many fires', parseCount('--limit', 1, 1_000), 10)
    .option('--status <status>', 'fires that are queued, starting, started, skipped or parked')
    .action(
      action(async (context, name: string, flags: FireFlags) => {
        const { showSchedule } = await import('../schedule/look.ts')
        return showSchedule(context, name, flags)
      }),
    )
  const next = program
    .command('next')
    .summary('say when a schedule fires, or would fire')
    .description('Says when a schedule fires, or would fire: nothing has to be kept.')
    .argument('[schedule]', 'a file, or the name of a schedule; without, options say all')
    .option('-n, --count <count>', 'how many times', parseCount('--count', 1, 1_000), 10)
    .option('--from <time>', 'times from then on; now by default')
  addTriggerOptions(next)
    .addHelpText(
      'after',
      `
Examples:
  prsm schedule next nightly-batch -n 3
  prsm schedule next --cron "30 2 * * *" --zone Europe/Berlin --from 2026-03-28`,
    )
    .action(
      action(async (context, ...[schedule, flags]: readonly [string | undefined, NextFlags]) => {
        const { nextFires } = await import('../schedule/look.ts')
        return nextFires(context, schedule, flags)
      }),
    )
}

function registerFiring({ program, action }: Cli): void {
  const trigger = program
    .command('trigger')
    .summary('fire a schedule now')
    .description('Fires a schedule now, whatever its trigger, or tries its parked fires again.')
    .argument(...NAME)
    .option('--parked', 'try again the fires whose run could not be begun')
  addInputOptions(trigger).action(
    action(async (context, name: string, flags: TriggerFlags) => {
      const { triggerSchedule } = await import('../schedule/fire.ts')
      return triggerSchedule(context, name, flags)
    }),
  )
  program
    .command('backfill')
    .summary('fire for times that have passed')
    .description('Fires for the times of a range that have had no run, each once.')
    .argument(...NAME)
    .requiredOption('--from <time>', 'the first time that counts, such as 2026-01-01')
    .requiredOption('--to <time>', 'the first time that no longer counts')
    .option('--concurrency <count>', 'runs at once', parseCount('--concurrency', 1, 100), 1)
    .option('--dry-run', 'list the times, and fire for none')
    .action(
      action(async (context, name: string, flags: BackfillFlags) => {
        const { backfillSchedule } = await import('../schedule/fire.ts')
        return backfillSchedule(context, name, flags)
      }),
    )
}

const gather = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]

function addTriggerOptions(command: Command): Command {
  return command
    .option('--now', 'fire once, at once')
    .option('--at <time>', 'fire once, at a time such as 2026-03-01T02:00')
    .option('--delay <duration>', 'fire once, after a while such as 2h')
    .option('--every <duration>', 'fire again and again, by elapsed time')
    .option('--cron <expression>', 'fire by the clock, such as "0 2 * * 1-5"')
    .option('--event <kind>', 'fire for each event of a kind, such as run.failed')
    .option('--where <path=value>', 'only events whose data hold this', gather)
    .option('--after <workflow>', 'fire when a run of another workflow ends')
    .option('--on <ending>', 'of --after: completed, failed or any')
    .option('--webhook', 'fire for each delivery to a path with a secret')
    .option('--signed <secret>', 'fire for each delivery signed with PRSM_SECRET_…')
    .option('--manual', 'fire by hand only')
    .option('--zone <zone>', 'time zone, such as Europe/Berlin; UTC by default')
    .option('--start <time>', 'do not fire before')
    .option('--end <time>', 'do not fire from then on')
}

function addPolicyOptions(command: Command): Command {
  return addInputOptions(command)
    .option('--map <name=path>', 'an input taken from what makes it fire', gather)
    .option('--budget <amount>', 'most each run may cost, such as "2 FTNS"')
    .option('--catch-up <policy>', 'of missed times fire: skip, last or all')
    .option('--catch-up-max <count>', 'of --catch-up all: the latest so many')
    .option('--tolerance <duration>', 'how late the latest time is not yet missed')
    .option('--overlap <policy>', 'while a run is under way: skip, queue, cancel_previous or allow')
    .option('--jitter <duration>', 'delay fires by up to this')
    .option('--max-fires <count>', 'end after so many', parseCount('--max-fires', 1, 1_000_000_000))
}
