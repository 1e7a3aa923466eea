import type { Cli } from '../cli.ts'
import type { ResumeFlags } from '../control/resume.ts'
import type { AnswerFlags, SignalFlags } from '../control/signal.ts'

import { BUDGET, parseCount } from './options.ts'

const RUN = ['<run>', 'a run, or the beginning or end of its id; "last" is the latest'] as const
const INDEX = [
  '--index <number>',
  'only this item of a forEach',
  parseCount('--index', 0, 10_000_000),
] as const

/** `cancel`, `pause`, `resume`, `signal`, `approve` and `reject`. */
export function registerControl({ program, action }: Cli): void {
  program
    .command('cancel')
    .summary('stop a run for good and undo what can be undone')
    .description('Stops a run for good; steps with `compensate` are undone.')
    .argument(...RUN)
    .option('--reason <text>', 'is kept in the history of the run')
    .action(
      action(async (context, run: string, flags: { readonly reason?: string }) => {
        const { cancelRun } = await import('../control/stop.ts')
        return cancelRun(context, run, flags)
      }),
    )
  program
    .command('pause')
    .summary('let running steps end and begin no others')
    .description('Lets running steps end and begins no others, until the run is resumed.')
    .argument(...RUN)
    .action(
      action(async (context, run: string) => {
        const { pauseRun } = await import('../control/stop.ts')
        return pauseRun(context, run)
      }),
    )
  program
    .command('resume')
    .summary('go on with a run that was paused, interrupted, left or failed')
    .description(
      'Goes on with a run that was paused, interrupted, left or failed, and follows it to its end. Finished steps are not repeated.',
    )
    .argument(...RUN)
    .option(...BUDGET)
    .option('--watch', 'show progress (the default); with --json print every event')
    .option('--no-watch', 'print the result only')
    .option('--detach', 'leave the run to a server or worker')
    .action(
      action(async (context, run: string, flags: ResumeFlags) => {
        const { resumeRun } = await import('../control/resume.ts')
        return resumeRun(context, run, flags)
      }),
    )
  registerAnswers({ program, action })
}

function registerAnswers({ program, action }: Cli): void {
  program
    .command('signal')
    .summary('send a message to a step that waits for it')
    .description('Sends a message to a step that waits for it.')
    .argument(...RUN)
    .argument('<name>', 'name of the signal')
    .option('--payload <json>', 'what it says; @file reads it from a file')
    .option('--step <name>', 'only this step')
    .option(...INDEX)
    .action(
      action(async (context, ...[run, name, flags]: readonly [string, string, SignalFlags]) => {
        const { sendSignal } = await import('../control/signal.ts')
        return sendSignal(context, { run, name, flags })
      }),
    )
  for (const [name, approved] of [
    ['approve', true],
    ['reject', false],
  ] as const) {
    program
      .command(name)
      .summary(
        approved
          ? 'let a step that asks for approval go on'
          : 'refuse what a step asks approval for',
      )
      .description(
        approved ? 'Approves what a step asks.' : 'Refuses what a step asks; the step fails.',
      )
      .argument(...RUN)
      .argument('[step]', 'the step that asks; may be left out when only one does')
      .option('--comment <text>', 'is kept with the answer')
      .option(...INDEX)
      .action(
        action(
          async (
            context,
            ...[run, step, flags]: readonly [string, string | undefined, AnswerFlags]
          ) => {
            const { answer } = await import('../control/signal.ts')
            return answer(context, { run, step, approved, flags })
          },
        ),
      )
  }
}
