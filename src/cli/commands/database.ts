import type { Cli } from '../cli.ts'
import type { PruneFlags } from '../database/prune.ts'

/** `db` */
export function registerDatabase({ program, action }: Cli): void {
  const db = program
    .command('db')
    .summary('export, import and prune the database')
    .description('Moves everything from one database to another, and removes what is old.')
  db.command('export')
    .description('Writes everything that the database holds into a file; others may go on working.')
    .argument('<file>', 'is written anew')
    .option('-f, --force', 'write over a file that is there')
    .action(
      action(async (context, file: string, flags: { readonly force?: boolean }) => {
        const { exportTo } = await import('../database/move.ts')
        return exportTo(context, file, flags)
      }),
    )
  db.command('import')
    .description('Reads such a file into a database that holds nothing yet: all of it, or nothing.')
    .argument('<file>', 'what "prsm db export" wrote')
    .action(
      action(async (context, file: string) => {
        const { importFrom } = await import('../database/move.ts')
        return importFrom(context, file)
      }),
    )
  db.command('prune')
    .description(
      'Removes ended runs with their history, values that nothing refers to, and text that steps wrote while they worked; what was paid stays.',
    )
    .option('--older-than <duration>', 'since their end; by default what the settings say')
    .option('--dry-run', 'say what would go, and remove nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  prsm db prune --dry-run\n  prsm db prune --older-than 30d',
    )
    .action(
      action(async (context, flags: PruneFlags) => {
        const { pruneDatabase } = await import('../database/prune.ts')
        return pruneDatabase(context, flags)
      }),
    )
  db.command('url')
    .description('Prints where other programs of this user can connect, while PRSM runs.')
    .action(
      action(async (context) => {
        const { printUrl } = await import('../database/move.ts')
        return printUrl(context)
      }),
    )
}
