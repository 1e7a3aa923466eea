import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

import { explainProblems, findProblems, readDefinition, toRecord } from './load.ts'
import { countProblems } from './problem-text.ts'

/** `prsm validate`: everything that is wrong with some definitions. */
export async function validate(context: Context, files: readonly string[]): Promise<ExitCode> {
  return withSession(context, 'none', async ({ client }) => {
    let isValid = true
    const records = []
    for (const file of files) {
      const loading = await readDefinition(file)
      const problems = loading.ok ? await findProblems(client, loading.value) : loading.problems
      isValid &&= problems.length === 0
      records.push({ file, valid: problems.length === 0, problems: problems.map(toRecord) })
      if (context.isJson) continue
      const { paint, notePaint, glyphs, terminal } = context
      if (problems.length === 0) context.print(`${paint.green(glyphs.ok)} ${file} is valid`)
      else {
        const told = explainProblems(context, problems).join('\n\n')
        const count = notePaint.red(`${file} has ${countProblems(problems.length)}`)
        terminal.err.write(`${told}\n\n${count}\n`)
      }
    }
    if (context.isJson) context.printJson({ valid: isValid, files: records })
    return isValid ? EXIT.done : EXIT.failed
  })
}
