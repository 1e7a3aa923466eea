#!/usr/bin/env node
import { openTerminal } from '../platform/terminal.ts'

import { createContext } from './context.ts'
import { runCli } from './program.ts'
import { reportError } from './report-error.ts'

const terminal = openTerminal()
const args = process.argv.slice(2)
terminal.onFault((fault) =>
  terminal.exit(reportError(createContext(terminal, { json: args.includes('--json') }), fault)),
)
terminal.exit(await runCli(terminal, args))
