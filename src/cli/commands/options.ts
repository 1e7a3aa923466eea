import type { Command } from 'commander'

import { UsageError } from '../errors.ts'

/** The option for the most a run may cost. */
export const BUDGET = [
  '--budget <amount>',
  'most the run may cost, such as "2 FTNS"; it pauses before it would cost more',
] as const

/** Adds the options by which inputs are given. */
export function addInputOptions(command: Command): Command {
  return command
    .option(
      '-i, --input <name=value>',
      'an input; name=@file reads it from a file, name=@- from standard input',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('--inputs <file>', 'all inputs, in a JSON or YAML file')
}

/** Reads a whole number of an option. @throws {@link UsageError} */
export function parseCount(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}"`)
  }
}

/** Adds the options that say when a run may begin, and how urgent it is. */
export function addQueueOptions(command: Command): Command {
  return command
    .option('--priority <level>', 'immediate, high, normal, low, background or flexible')
    .option('--team <team>', 'whose share of the pool it uses')
    .option('--deadline <duration>', 'when it is stopped, such as 8h')
    .option('--window <hours>', 'when it may begin, such as 22:00-06:00')
    .option('--zone <zone>', 'time zone of the window, such as Europe/Berlin; UTC by default')
    .option('--key <key>', 'of all runs with this key only one goes on at once')
    .option('--max-cost <amount>', 'refuse to run if it is expected to cost more')
}
