import type { Command } from 'commander'

import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

/** Prints what may stand in place of the last of `words`, one candidate a line; files are the shell's. */
export async function printCandidates(
  { print }: Context,
  program: Command,
  words: readonly string[],
): Promise<ExitCode> {
  const found = candidatesFor(program, words)
  if (found.length > 0) print(...found)
  return EXIT.done
}

/** What may stand in place of the last of `words`. */
export function candidatesFor(program: Command, words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? ''
  let command = program
  for (const [index, word] of words.slice(0, -1).entries()) {
    // What an option takes is no command, though it may have the name of one: `--log-level debug`.
    if (takesValue(words[index - 1], command, program)) continue
    command = command.commands.find((each) => each.name() === word) ?? command
  }
  const isOption = last.startsWith('-')
  const all = isOption ? optionsOf(command, program) : namesOf(command)
  return all.filter((each) => each.startsWith(last)).toSorted()
}

function takesValue(word: string | undefined, command: Command, program: Command): boolean {
  const option = [...command.options, ...program.options].find(
    ({ long, short }) => word !== undefined && (word === long || word === short),
  )
  return option !== undefined && (option.required || option.optional)
}

function namesOf({ commands, registeredArguments }: Command): readonly string[] {
  const names = commands.map((each) => each.name()).filter((name) => !name.startsWith('_'))
  return [...names, ...registeredArguments.flatMap(({ argChoices = [] }) => argChoices)]
}

function optionsOf(command: Command, program: Command): readonly string[] {
  const options = [...command.options, ...program.options]
  return [...new Set([...options.flatMap(({ long }) => long ?? []), '--help'])]
}
