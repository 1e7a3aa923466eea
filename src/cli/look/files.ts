import type { RunFile } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../text/table.ts'
import { dayTime } from '../text/time.ts'

import { findRun } from './find-run.ts'

/** `prsm files`: what is in the folder of a run. */
export async function showFiles(
  context: Context,
  given: string,
  path: string | undefined,
): Promise<ExitCode> {
  return withSession(context, 'none', async ({ client, local }) => {
    const run = await findRun(client, given)
    if (path !== undefined) {
      const { body } = await client.downloadFile(run, path)
      const decoder = new TextDecoder()
      for await (const chunk of body)
        context.terminal.out.write(decoder.decode(chunk, { stream: true }))
      context.terminal.out.write(decoder.decode())
      return EXIT.done
    }
    const files: RunFile[] = []
    for await (const file of client.listFiles(run, { limit: 200 })) files.push(file)
    if (context.isJson) context.printJson(files.map((file) => ({ ...file })))
    else if (files.length === 0) context.note('this run has written no files')
    else {
      context.print(...tableOf(context, files))
      if (local !== undefined) context.note('', `in ${local.platform.folderOf(run)}`)
    }
    return EXIT.done
  })
}

function tableOf({ paint, glyphs }: Context, files: readonly RunFile[]): readonly string[] {
  return renderTable({
    columns: [{ title: 'FILE' }, { title: 'BYTES', align: 'right' }, { title: 'WRITTEN' }],
    rows: files.map(({ path, sizeBytes, modifiedAt }) => [
      { text: path },
      { text: sizeBytes.toString() },
      { text: dayTime(modifiedAt), paint: paint.dim },
    ]),
    width: 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}
