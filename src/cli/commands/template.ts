import type { Cli } from '../cli.ts'
import type { CreateFlags, UseFlags } from '../library/templates.ts'

import { parseCount } from './options.ts'

const NAME = ['<name>', 'NAME, or TENANT/NAME'] as const
const parseStars = parseCount('<stars>', 1, 5)
const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]

/** `template` */
export function registerTemplate({ program, action }: Cli): void {
  const group = program
    .command('template')
    .summary('make workflows out of templates, and templates out of workflows')
    .description('Makes workflows out of templates, and templates out of workflows.')
    .addHelpText(
      'after',
      `
Examples:
  prsm template ls --category analysis
  prsm template use word-report --set top=5 --as my-report
  prsm template create --from hello --param greeting=/steps/greet/with/value`,
    )
  group
    .command('create')
    .description('Keeps a template: out of a file, or out of a saved workflow.')
    .argument('[file]', 'a template in YAML or JSON')
    .option('--from <workflow>', 'a saved workflow')
    .option('--param <name=pointer>', 'a value of it that becomes a parameter', collect)
    .option('--as <name>', 'what it is called')
    .option('--category <category>', 'what it is for; custom by default')
    .option('--description <text>', 'for people')
    .option('--price <amount>', 'what one use costs, such as "2 FTNS"; free by default')
    .option('--licence <id>', 'SPDX identifier, such as MIT')
    .option('--public', 'let other tenants use it')
    .action(
      action(async (context, file: string | undefined, flags: CreateFlags) => {
        const { createTemplate } = await import('../library/templates.ts')
        return createTemplate(context, file, flags)
      }),
    )
  group
    .command('ls', { isDefault: true })
    .description('Lists your templates, those of others, and those that come with PRSM.')
    .option('--category <category>', 'only these')
    .action(
      action(async (context, flags: { readonly category?: string }) => {
        const { listTemplates } = await import('../library/templates.ts')
        return listTemplates(context, flags)
      }),
    )
  group
    .command('show')
    .description('Shows a template, its parameters and what it stands for.')
    .argument(...NAME)
    .action(
      action(async (context, name: string) => {
        const { showTemplate } = await import('../library/templates.ts')
        return showTemplate(context, name)
      }),
    )
  registerOthers({ group, action })
}

function registerOthers({
  group,
  action,
}: {
  readonly group: Cli['program']
  readonly action: Cli['action']
}): void {
  group
    .command('use')
    .description('Makes a workflow out of a template; its author is paid.')
    .argument(...NAME)
    .option('--set <name=value>', 'a parameter; name=@file reads it from a file', collect)
    .option('--as <name>', 'save the workflow under this name')
    .option('-o, --out <file>', 'write the workflow into a new file')
    .action(
      action(async (context, name: string, flags: UseFlags) => {
        const { useTemplate } = await import('../library/templates.ts')
        return useTemplate(context, name, flags)
      }),
    )
  group
    .command('fork')
    .description('Makes a template of your own out of another; it says where it is from.')
    .argument(...NAME)
    .option('--as <name>', 'what it is called; the same by default')
    .action(
      action(async (context, name: string, flags: { readonly as?: string }) => {
        const { forkTemplate } = await import('../library/templates.ts')
        return forkTemplate(context, name, flags)
      }),
    )
  group
    .command('rate')
    .description('Rates a template of somebody else; your last rating counts.')
    .argument(...NAME)
    .argument('<stars>', 'from 1 to 5', parseStars)
    .action(
      action(async (context, name: string, stars: number) => {
        const { rateTemplate } = await import('../library/templates.ts')
        return rateTemplate(context, name, stars)
      }),
    )
  group
    .command('rm')
    .description('Removes a template of yours.')
    .argument(...NAME)
    .action(
      action(async (context, name: string) => {
        const { removeTemplate } = await import('../library/templates.ts')
        return removeTemplate(context, name)
      }),
    )
}
