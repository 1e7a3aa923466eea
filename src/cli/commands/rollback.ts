import type { Cli } from '../cli.ts'
import type { IncidentFlags, NoteFlags, RollbackFlags } from '../rollback/flags.ts'

import { parseCount } from './options.ts'

const RUN = ['<run>', 'a run, or the beginning or end of its id; "last" is the latest'] as const
const TO = ['--to <step>', 'this step and what it needs stay; what comes after it goes'] as const
const NOTE = ['--note <text>', 'is kept in the history of the run'] as const

/** `rollback` and `incidents`. */
export function registerRollback(cli: Cli): void {
  registerRuns(cli)
  registerIncidents(cli)
}

function registerRuns({ program, action }: Cli): void {
  const rollback = program
    .command('rollback')
    .summary('undo what a run did, or see what that would do')
    .description('Undoes what a run did, or shows what that would do.')
  rollback
    .command('plan')
    .description('Shows what would be undone, in which order, what stays, and what it costs.')
    .argument(...RUN)
    .option(...TO)
    .action(
      action(async (context, run: string, flags: RollbackFlags) => {
        const { planRollback } = await import('../rollback/plan.ts')
        return planRollback(context, run, flags)
      }),
    )
  rollback
    .command('run')
    .description('Undoes what a run did that has ended, or is paused.')
    .argument(...RUN)
    .option(...TO)
    .action(
      action(async (context, run: string, flags: RollbackFlags) => {
        const { runRollback } = await import('../rollback/run.ts')
        return runRollback(context, run, flags)
      }),
    )
  rollback
    .command('resolve')
    .description('Decides about a run that waits for a decision.')
    .argument(...RUN)
    .argument('<decision>', 'retry, skip, compensate or give-up')
    .option(...NOTE)
    .action(
      action(async (context, ...[run, decision, flags]: readonly [string, string, NoteFlags]) => {
        const { resolveRun } = await import('../rollback/resolve.ts')
        return resolveRun(context, { run, decision, ...flags })
      }),
    )
}

function registerIncidents({ program, action }: Cli): void {
  const incidents = program
    .command('incidents')
    .summary('show what people have to finish or decide')
    .description('Shows what people have to finish by hand, or to decide.')
  incidents
    .command('ls', { isDefault: true })
    .description('Lists incidents that are open, the latest first.')
    .option('--all', 'those that were resolved as well')
    .option('-n, --limit <count>', 'how many', parseCount('--limit', 1, 10_000), 20)
    .action(
      action(async (context, flags: IncidentFlags) => {
        const { listIncidents } = await import('../rollback/incidents.ts')
        return listIncidents(context, flags)
      }),
    )
  incidents
    .command('show')
    .description('Shows an incident with everything needed to finish it by hand.')
    .argument('<incident>', 'its id')
    .action(
      action(async (context, id: string) => {
        const { showIncident } = await import('../rollback/incidents.ts')
        return showIncident(context, id)
      }),
    )
  incidents
    .command('resolve')
    .description('Tells that an incident was finished by hand.')
    .argument('<incident>', 'its id')
    .option(...NOTE)
    .action(
      action(async (context, id: string, flags: NoteFlags) => {
        const { resolveIncident } = await import('../rollback/incidents.ts')
        return resolveIncident(context, id, flags)
      }),
    )
}
