import type { Command } from 'commander'

import type { Cli } from '../cli.ts'
import type { ServeFlags } from '../serve/serve.ts'
import type { WorkerFlags } from '../serve/worker.ts'

/** `serve` and `worker`. */
export function registerServe({ program, action }: Cli): void {
  const serveCommand = program
    .command('serve')
    .summary('serve the HTTP API, and run what is begun through it')
    .description(
      'Serves the HTTP API and runs what is begun through it. The first API key is printed once. Ctrl-C lets running steps end.',
    )
    .option('--host <address>', 'address to listen on; 127.0.0.1 by default')
    .option('--port <number>', 'port to listen on; 7077 by default, 0: any free one')
    .option('--no-worker', 'run nothing here: workers elsewhere do')
  addWorkerOptions(serveCommand).action(
    action(async (context, flags: ServeFlags) => {
      const { serve } = await import('../serve/serve.ts')
      return serve(context, flags)
    }),
  )
  const workerCommand = program
    .command('worker')
    .summary('run whatever is begun on the database')
    .description(
      'Takes up runs that were begun on the same database, or whose worker was lost, until it is stopped.',
    )
    .option('--slots <count>', 'steps that run at once; 1024 by default')
    .option('--once', 'end when nothing is left to do')
    .addHelpText(
      'after',
      `
Examples:
  prsm worker --database-url postgres://prsm@db/prsm
  prsm worker --labels gpu,eu --gpus 2`,
    )
  addWorkerOptions(workerCommand).action(
    action(async (context, flags: WorkerFlags) => {
      const { work } = await import('../serve/worker.ts')
      return work(context, flags)
    }),
  )
}

/** Adds the options that say what a process offers to steps of the queue. */
function addWorkerOptions(command: Command): Command {
  return command
    .option('--labels <labels>', 'labels that steps may ask for with "runsOn", such as gpu,eu')
    .option('--cores <count>', 'cores it offers to queued steps; all by default')
    .option('--memory-gb <count>', 'memory it offers, GiB; all by default')
    .option('--gpus <count>', 'GPUs it offers; none by default')
}
