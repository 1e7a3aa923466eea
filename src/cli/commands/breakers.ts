import type { Cli } from '../cli.ts'

/** `breakers` */
export function registerBreakers({ program, action }: Cli): void {
  const breakers = program
    .command('breakers')
    .summary('show what steps call outside and which of it is ill, or try it again')
    .description(
      'Shows what steps call outside, by worker. What too often fails is not called for a while; reset has it called again.',
    )
  breakers
    .command('ls', { isDefault: true })
    .description('Lists what workers call: whether they do at present, and how it went lately.')
    .action(
      action(async (context) => {
        const { listBreakers } = await import('../queue/breakers.ts')
        return listBreakers(context)
      }),
    )
  breakers
    .command('reset')
    .description('Has every worker call something again, and forget how it went.')
    .argument('<dependency>', 'as it is listed: model:PROVIDER:MODEL, or http:HOST')
    .addHelpText(
      'after',
      `
Examples:
  prsm breakers
  prsm breakers reset http:api.example.com
  prsm breakers reset model:openai:gpt-5`,
    )
    .action(
      action(async (context, dependency: string) => {
        const { resetBreaker } = await import('../queue/breakers.ts')
        return resetBreaker(context, dependency)
      }),
    )
}
