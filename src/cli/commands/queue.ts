import type { Cli } from '../cli.ts'
import type { LimitFlags, QueueFlags, ShareFlags } from '../queue/queue.ts'

import { parseCount } from './options.ts'

/** `queue` and `workers`. */
export function registerQueue(cli: Cli): void {
  registerWaiting(cli)
  registerTerms(cli)
  registerWorkers(cli)
}

function queueOf({ program }: Cli): ReturnType<Cli['program']['command']> {
  return (
    program.commands.find((command) => command.name() === 'queue') ??
    program
      .command('queue')
      .summary('show what waits for compute, and who is due how much')
      .description(
        'Shows what waits for a worker, what there is of each resource, and who is due how much of it.',
      )
  )
}

function registerWaiting(cli: Cli): void {
  const { action } = cli
  const queue = queueOf(cli)
  queue
    .command('ls', { isDefault: true })
    .description('Lists what waits, in its order; then what runs, and what has ended lately.')
    .option('--status <status>', 'only these: scheduled, queued, running, paused, retrying …')
    .option('-n, --limit <count>', 'how many', parseCount('--limit', 1, 1_000), 50)
    .action(
      action(async (context, flags: QueueFlags) => {
        const { listQueue } = await import('../queue/queue.ts')
        return listQueue(context, flags)
      }),
    )
  queue
    .command('pools')
    .description('Shows how much of each resource there is, is used, and is waited for.')
    .action(
      action(async (context) => {
        const { listPools } = await import('../queue/queue.ts')
        return listPools(context)
      }),
    )
  queue
    .command('load')
    .description('Says how many workers are wanted; for people and autoscalers.')
    .action(
      action(async (context) => {
        const { showLoad } = await import('../queue/queue.ts')
        return showLoad(context)
      }),
    )
}

function registerTerms(cli: Cli): void {
  const { action } = cli
  const queue = queueOf(cli)
  queue
    .command('limit')
    .description('Shows the limits, or sets how much of a resource may be used at once.')
    .argument('[setting...]', 'a resource, such as gpu_units, and a number or "none"')
    .option('--for <tenant>', 'of this tenant; otherwise of all together')
    .option('--team <team>', 'of this team; of your tenant if --for is absent')
    .addHelpText(
      'after',
      `
Examples:
  prsm queue limit
  prsm queue limit gpu_units 4
  prsm queue limit gpu_units 1 --team research
  prsm queue limit gpu_units none`,
    )
    .action(
      action(async (context, setting: readonly string[], flags: LimitFlags) => {
        const { limit } = await import('../queue/terms.ts')
        return limit(context, setting, flags)
      }),
    )
  queue
    .command('share')
    .description('Shows the shares, or sets how much a tenant or team is due beside others.')
    .argument('[weight]', 'twice the weight is twice as much; 1 for who has none')
    .option('--for <tenant>', 'of this tenant; your own if absent')
    .option('--team <team>', 'of this team')
    .action(
      action(async (context, weight: string | undefined, flags: ShareFlags) => {
        const { share } = await import('../queue/terms.ts')
        return share(context, weight, flags)
      }),
    )
}

function registerWorkers({ program, action }: Cli): void {
  const workers = program
    .command('workers')
    .summary('show the processes that run steps, or drain one')
    .description('Shows the processes that run steps, or drains one.')
  workers
    .command('ls', { isDefault: true })
    .description('Lists the workers: labels, resources, what they do.')
    .action(
      action(async (context) => {
        const { listWorkers } = await import('../queue/workers.ts')
        return listWorkers(context)
      }),
    )
  for (const [name, text, isDraining] of [
    ['drain', 'Lets a worker finish what it has and take nothing more from the queue.', true],
    ['undrain', 'Lets a drained worker take from the queue again.', false],
  ] as const) {
    workers
      .command(name)
      .description(text)
      .argument('<worker>', 'work_…, or its beginning')
      .action(
        action(async (context, worker: string) => {
          const { drainWorker } = await import('../queue/workers.ts')
          return drainWorker(context, worker, isDraining)
        }),
      )
  }
}
