import type { Cli } from '../cli.ts'

/** `validate`, `kinds` and `schema`. */
export function registerCheck({ program, action }: Cli): void {
  program
    .command('validate')
    .summary('check definitions, and show every problem in its place')
    .description('Checks definitions and shows every problem at once, each in its place.')
    .argument('<files...>', 'definitions, or folders with a workflow.yaml')
    .action(
      action(async (context, files: readonly string[]) => {
        const { validate } = await import('../definition/validate.ts')
        return validate(context, files)
      }),
    )
  program
    .command('kinds')
    .summary('list the kinds of step, or say what one takes')
    .description('Lists what `uses` may name, or says what one kind takes and gives.')
    .argument('[kind]', 'such as agent')
    .action(
      action(async (context, kind: string | undefined) => {
        const { showKinds } = await import('../look/kinds.ts')
        return showKinds(context, kind)
      }),
    )
  program
    .command('schema')
    .summary('print the JSON Schema of definitions, for editors')
    .description('Prints the JSON Schema of definitions, by which editors check and complete them.')
    .action(
      action(async (context) => {
        const { printSchema } = await import('../look/kinds.ts')
        return printSchema(context)
      }),
    )
}
