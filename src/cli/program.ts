import { Command, CommanderError } from 'commander'

import type { Terminal } from '../platform/terminal.ts'

import type { Cli } from './cli.ts'
import { registerBreakers } from './commands/breakers.ts'
import { registerCheck } from './commands/check.ts'
import { registerCompletion } from './commands/completion.ts'
import { registerControl } from './commands/control.ts'
import { registerDatabase } from './commands/database.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerHistory } from './commands/history.ts'
import { registerInit } from './commands/init.ts'
import { registerKeys } from './commands/keys.ts'
import { registerLook } from './commands/look.ts'
import { registerModels } from './commands/models.ts'
import { registerProgress } from './commands/progress.ts'
import { registerQueue } from './commands/queue.ts'
import { registerRollback } from './commands/rollback.ts'
import { registerRun } from './commands/run.ts'
import { registerSchedule } from './commands/schedule.ts'
import { registerSecrets } from './commands/secrets.ts'
import { registerServe } from './commands/serve.ts'
import { registerSigners } from './commands/signers.ts'
import { registerTemplate } from './commands/template.ts'
import { registerWallet } from './commands/wallet.ts'
import { registerWorkflow } from './commands/workflow.ts'
import { type Context, createContext, type Globals } from './context.ts'
import { UsageError } from './errors.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { reportError } from './report-error.ts'
import { readVersion } from './version.ts'

/** Runs the command that `args` names, without the name of the program. */
export async function runCli(terminal: Terminal, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done
  const program = createProgram(terminal, (code) => (exitCode = code))
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (fault) {
    const context = contextOf(terminal, args)
    if (fault instanceof CommanderError) {
      if (fault.exitCode === 0) return EXIT.done
      // Whoever names no command has just been shown those there are.
      const isWithoutName = fault.code === 'commander.help' && args[0] !== 'help'
      if (isWithoutName && !context.isJson) return EXIT.usage
    }
    return reportError(context, toUsage(fault))
  }
}

/** Builds the tree of commands; their work is loaded when they run. */
export function createProgram(terminal: Terminal, ended: (code: ExitCode) => void): Command {
  const program = new Command('prsm')
  const cli: Cli = {
    program,
    action:
      (work) =>
      async (...args) => {
        ended(await work(createContext(terminal, program.opts<Globals>()), ...args))
      },
  }
  program
    .description('Runs AI work as durable, priced workflows.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr(text) {
        if (program.opts<Globals>().json !== true) terminal.err.write(text)
      },
      getOutHelpWidth: () => terminal.out.columns,
      getErrHelpWidth: () => terminal.err.columns,
      // Errors are told in one place, `reportError`.
      outputError: () => undefined,
    })
    .configureHelp({ showGlobalOptions: false, minWidthToWrap: LEAST_HELP_COLUMNS })
  addGlobals(program)
  for (const register of GROUPS) register(cli)
  program.addHelpText('after', AFTER)
  return program
}

/** Descriptions in a narrow terminal are wrapped down to this width. */
const LEAST_HELP_COLUMNS = 24

const GROUPS: readonly ((cli: Cli) => void)[] = [
  registerInit,
  registerCheck,
  registerRun,
  registerLook,
  registerProgress,
  registerControl,
  registerWorkflow,
  registerTemplate,
  registerSchedule,
  registerHistory,
  registerRollback,
  registerSigners,
  registerServe,
  registerDoctor,
  registerModels,
  registerQueue,
  registerBreakers,
  registerWallet,
  registerKeys,
  registerSecrets,
  registerDatabase,
  registerCompletion,
]

function addGlobals(program: Command): void {
  program
    .optionsGroup('Options of every command:')
    .option('--json', 'print JSON, and nothing else, on standard output')
    .option('-q, --quiet', 'print results and errors only')
    .option('--no-color', 'print without colours')
    .option('--config <file>', 'settings file; prsm.config.yaml by default')
    .option('--data-dir <dir>', 'folder of the embedded database, runs and files')
    .option('--database-url <url>', 'PostgreSQL to use instead of the embedded one')
    .option('--server <url>', 'server to talk to, instead of working here')
    .option('--api-key <key>', 'key for that server')
    .option('--tenant <name>', 'whose work this is')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent')
}

const AFTER = `
Begin with:
  prsm init            write a first workflow
  prsm run hello.yaml  run it

Exit codes:
  0 done            1 failed           2 not understood
  3 refused         4 not reachable    130 interrupted`

/** A context for errors of commands that were not understood, so that no options are known. */
function contextOf(terminal: Terminal, args: readonly string[]): Context {
  const level = args.find((_, index) => args[index - 1] === '--log-level')
  return createContext(terminal, {
    json: args.includes('--json'),
    color: !args.includes('--no-color'),
    ...(level !== undefined && { logLevel: level }),
  })
}

function toUsage(fault: unknown): unknown {
  if (!(fault instanceof CommanderError)) return fault
  const [message = '', suggestion] = fault.message.replace(/^error: /, '').split('\n')
  const text = suggestion === undefined ? message : `${message} ${suggestion}`
  return new UsageError(text === '(outputHelp)' ? 'there is no such command' : text, {
    hint: 'prsm --help lists the commands, prsm help COMMAND its options',
  })
}
