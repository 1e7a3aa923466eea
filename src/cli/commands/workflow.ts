import type { Command } from 'commander'

import type { Cli } from '../cli.ts'
import type { ImportFlags } from '../library/exchange.ts'
import type { ShareFlags } from '../library/sharing.ts'
import type { PruneFlags } from '../library/versions.ts'
import type { ListFlags, SaveFlags } from '../library/workflows.ts'

import { parseCount } from './options.ts'

const NAME = ['<name>', 'NAME, or TENANT/NAME'] as const
const VERSIONED = ['<name>', 'NAME, NAME@VERSION or NAME@TAG'] as const
const FILE = ['<file>', 'definition, or a folder with a workflow.yaml'] as const

/** `workflow`: saved workflows. */
export function registerWorkflow({ program, action }: Cli): void {
  const group = program
    .command('workflow')
    .summary('save workflows, with versions, tags and sharing')
    .description('Saves workflows, keeps their versions, and shares them.')
    .addHelpText(
      'after',
      `
Examples:
  prsm workflow save hello.yaml --message "a first version"
  prsm workflow tag hello@1 prod
  prsm run hello@prod
  prsm workflow share hello shared_execute --with other`,
    )
  const add = { group, action }
  registerSaving(add)
  registerKeeping(add)
  registerVersions(add)
  registerTags(add)
  registerSharing(add)
  registerExchange(add)
}

interface Group {
  readonly group: Command
  readonly action: Cli['action']
}

function registerSaving({ group, action }: Group): void {
  group
    .command('save')
    .description('Saves a definition as the newest version; the file is left as it is.')
    .argument(...FILE)
    .option('--as <name>', 'that of the definition by default')
    .option('-m, --message <text>', 'why it was changed')
    .option('--draft', 'keep it although it has problems; it cannot be run')
    .option('--expect <version>', 'fail when another version is the newest', parseExpected)
    .action(
      action(async (context, file: string, flags: SaveFlags) => {
        const { saveWorkflow } = await import('../library/workflows.ts')
        return saveWorkflow(context, file, flags)
      }),
    )
  group
    .command('ls', { isDefault: true })
    .description('Lists saved workflows and their statuses.')
    .option('--all', 'also those that other tenants share')
    .option('--status <status>', 'draft, saved, active, paused, checkpointed, completed …')
    .action(
      action(async (context, flags: ListFlags) => {
        const { listWorkflows } = await import('../library/workflows.ts')
        return listWorkflows(context, flags)
      }),
    )
  group
    .command('show')
    .description('Shows a saved workflow, and what you may do with it.')
    .argument(...VERSIONED)
    .option('--definition', 'print the definition')
    .action(
      action(async (context, name: string, flags: { readonly definition?: boolean }) => {
        const { showWorkflow } = await import('../library/workflows.ts')
        return showWorkflow(context, name, flags)
      }),
    )
}

function registerKeeping({ group, action }: Group): void {
  for (const [command, isArchived, text] of [
    ['archive', true, 'Archives a workflow: it is neither run nor changed until it is taken back.'],
    ['unarchive', false, 'Takes an archived workflow back.'],
  ] as const) {
    group
      .command(command)
      .description(text)
      .argument(...NAME)
      .action(
        action(async (context, name: string) => {
          const { archiveWorkflow } = await import('../library/workflows.ts')
          return archiveWorkflow(context, name, isArchived)
        }),
      )
  }
  group
    .command('rm')
    .description('Removes a saved workflow with all its versions.')
    .argument(...NAME)
    .action(
      action(async (context, name: string) => {
        const { removeWorkflow } = await import('../library/workflows.ts')
        return removeWorkflow(context, name)
      }),
    )
  group
    .command('usage')
    .description('Shows how much is kept, and how much may be.')
    .action(
      action(async (context) => {
        const { showUsage } = await import('../library/workflows.ts')
        return showUsage(context)
      }),
    )
}

const parseExpected = parseCount('--expect', 0, 2_147_483_647)
const parseKeep = parseCount('--keep', 1, 1_000_000)

function registerVersions({ group, action }: Group): void {
  group
    .command('versions')
    .description('Lists the versions of a workflow, newest first.')
    .argument(...NAME)
    .action(
      action(async (context, name: string) => {
        const { listVersions } = await import('../library/versions.ts')
        return listVersions(context, name)
      }),
    )
  group
    .command('diff')
    .description('Shows what differs between two versions; by default, what the newest changed.')
    .argument(...NAME)
    .argument('[from]', 'version or tag; the one before the newest by default')
    .argument('[to]', 'version or tag; the newest by default')
    .action(
      action(
        async (context, ...args: readonly [string, string | undefined, string | undefined]) => {
          const { diffVersions } = await import('../library/versions.ts')
          return diffVersions(context, ...args)
        },
      ),
    )
  group
    .command('restore')
    .description('Makes an older version the newest again, as a version of its own.')
    .argument(...NAME)
    .argument('<version>', 'version or tag')
    .option('-m, --message <text>', 'why')
    .action(
      action(async (context, ...args: readonly [string, string, { readonly message?: string }]) => {
        const { restoreVersion } = await import('../library/versions.ts')
        return restoreVersion(context, ...args)
      }),
    )
}

function registerTags({ group, action }: Group): void {
  group
    .command('tag')
    .description('Puts a tag at a version, wherever it was before.')
    .argument(...VERSIONED)
    .argument('<tag>', 'such as prod')
    .option('--remove', 'take it away instead')
    .action(
      action(async (context, ...args: readonly [string, string, { readonly remove?: boolean }]) => {
        const { tagVersion } = await import('../library/versions.ts')
        return tagVersion(context, ...args)
      }),
    )
  group
    .command('prune')
    .description('Removes old versions that have no tag and no run.')
    .argument(...NAME)
    .option('--keep <count>', 'the newest that stay', parseKeep)
    .option('--older-than <duration>', 'only those as old as this, such as 90d')
    .action(
      action(async (context, name: string, flags: PruneFlags) => {
        const { pruneVersions } = await import('../library/versions.ts')
        return pruneVersions(context, name, flags)
      }),
    )
  group
    .command('check-upgrade')
    .description('Says which runs under way a changed definition would break.')
    .argument(...NAME)
    .argument(...FILE)
    .action(
      action(async (context, name: string, file: string) => {
        const { checkUpgrade } = await import('../library/versions.ts')
        return checkUpgrade(context, name, file)
      }),
    )
}

function registerSharing({ group, action }: Group): void {
  group
    .command('share')
    .description('Sets what others may do with a workflow.')
    .argument(...NAME)
    .argument(
      '<level>',
      'private, shared_read, shared_execute, public_read, public_template or marketplace',
    )
    .option('--with <tenants...>', 'the tenants, for the shared levels')
    .option('--price <amount>', 'what a buyer pays, for marketplace')
    .option('--licence <id>', 'SPDX identifier, such as MIT')
    .action(
      action(async (context, ...args: readonly [string, string, ShareFlags]) => {
        const { shareWorkflow } = await import('../library/sharing.ts')
        return shareWorkflow(context, ...args)
      }),
    )
  group
    .command('fork')
    .description('Makes a workflow of your own out of one that you may fork.')
    .argument('<name>', 'TENANT/NAME, with @VERSION or @TAG if it is not the newest')
    .option('--as <name>', 'what it is called; the same by default')
    .action(
      action(async (context, name: string, flags: { readonly as?: string }) => {
        const { forkWorkflow } = await import('../library/sharing.ts')
        return forkWorkflow(context, name, flags)
      }),
    )
  group
    .command('buy')
    .description('Buys the right to read, run and fork a workflow, once for the whole tenant.')
    .argument('<name>', 'TENANT/NAME')
    .action(
      action(async (context, name: string) => {
        const { buyWorkflow } = await import('../library/sharing.ts')
        return buyWorkflow(context, name)
      }),
    )
}

const MAP = ['--map <file>', 'JSON that maps resources of tasks to steps'] as const

function registerExchange({ group, action }: Group): void {
  group
    .command('export')
    .description('Writes a workflow with all its versions as one signed bundle.')
    .argument(...NAME)
    .option('-o, --out <file>', 'a new file; standard output by default')
    .action(
      action(async (context, name: string, flags: { readonly out?: string }) => {
        const { exportWorkflow } = await import('../library/exchange.ts')
        return exportWorkflow(context, name, flags)
      }),
    )
  group
    .command('import')
    .description('Takes in a bundle, an Amazon States Language machine or a WfFormat instance.')
    .argument('<file>', 'JSON')
    .option('--as <name>', 'what it is called')
    .option('--trust', 'trust who signed the bundle from now on')
    .option(...MAP)
    .option('--draft', 'keep what fits, although something does not')
    .option('-o, --out <file>', 'write the definition into a new file instead of saving it')
    .action(
      action(async (context, file: string, flags: ImportFlags) => {
        const { importWorkflow } = await import('../library/exchange.ts')
        return importWorkflow(context, file, flags)
      }),
    )
  group
    .command('lint')
    .description('Says what of a workflow of another system does not fit, and where.')
    .argument('<file>', 'JSON')
    .option(...MAP)
    .action(
      action(async (context, file: string, flags: ImportFlags) => {
        const { lintWorkflow } = await import('../library/exchange.ts')
        return lintWorkflow(context, file, flags)
      }),
    )
}
