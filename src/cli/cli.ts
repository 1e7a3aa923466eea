import type { Command } from 'commander'

import type { Context } from './context.ts'
import type { ExitCode } from './exit-codes.ts'

/** What groups of commands are registered with. */
export interface Cli {
  readonly program: Command
  /** Turns the work of a command into what commander calls; its exit code becomes the process's. */
  readonly action: <Args extends readonly unknown[]>(
    work: (context: Context, ...args: Args) => Promise<ExitCode>,
  ) => (...args: Args) => Promise<void>
}
