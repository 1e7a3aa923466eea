import { Argument } from 'commander'

import type { Cli } from '../cli.ts'

/** `completion`, and the hidden command by which its scripts ask for candidates. */
export function registerCompletion({ program, action }: Cli): void {
  program
    .command('completion')
    .summary('print what makes a shell complete prsm commands')
    .description('Prints what makes a shell complete commands and options of prsm.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
  bash:  prsm completion bash >> ~/.bashrc
  zsh:   prsm completion zsh >> ~/.zshrc
  fish:  prsm completion fish > ~/.config/fish/completions/prsm.fish`,
    )
    .action(
      action(async (context, shell: 'bash' | 'zsh' | 'fish') => {
        const { printScript } = await import('../completion/scripts.ts')
        return printScript(context, shell)
      }),
    )
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(
      action(async (context, words: readonly string[]) => {
        const { printCandidates } = await import('../completion/candidates.ts')
        return printCandidates(context, program, words)
      }),
    )
}
