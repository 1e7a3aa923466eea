import type { Chunk, ChunkNews } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { findRun } from './find-run.ts'
import { createTextLines } from './text-lines.ts'

/** Options of `prsm logs --stream`. */
export interface StreamFlags {
  readonly follow?: boolean
  readonly step?: string
}

/** `prsm logs --stream`: the text that steps show while they work. */
export async function printStream(
  context: Context,
  given: string,
  { follow = false, step }: StreamFlags,
): Promise<ExitCode> {
  const unit = step === undefined ? {} : readUnit(step)
  return withSession(context, 'none', async ({ client }) => {
    const run = await findRun(client, given)
    const printer = createPrinter(context, step === undefined)
    if (!follow) {
      let isEmpty = true
      for await (const chunk of client.listChunks(run, { ...unit, limit: 200 })) {
        printer.print({ kind: 'chunk', ...chunk })
        isEmpty = false
      }
      printer.end()
      if (isEmpty) context.note(NOTHING)
      return EXIT.done
    }
    const watching = new AbortController()
    const endListening = context.terminal.onInterrupt(() => watching.abort('interrupt'))
    const { signal } = watching
    try {
      for await (const news of client.watchChunks(run, { ...unit, signal })) printer.print(news)
    } catch (fault) {
      if (!signal.aborted) throw fault
    } finally {
      endListening()
      printer.end()
    }
    return signal.aborted ? EXIT.interrupted : EXIT.done
  })
}

/** Text goes sooner than its run. */
const NOTHING = 'no text: its steps have shown none, or it is kept no longer'

/** A step, or an item of its list, as people write it: `read`, `read[7]`. */
function readUnit(text: string): Pick<Chunk, 'step' | 'index'> & { readonly step: string } {
  const [, step, index] = /^([^[\]]+)(?:\[(\d{1,8})\])?$/.exec(text) ?? []
  if (step === undefined) throw new UsageError(`"${text}" is no step; write NAME or NAME[INDEX]`)
  return { step, ...(index !== undefined && { index: Number(index) }) }
}

interface Printer {
  print(news: ChunkNews): void
  end(): void
}

function createPrinter({ isJson, printJson, terminal, paint }: Context, isNamed: boolean): Printer {
  if (isJson) return { print: (news) => printJson(toJson(news)), end: () => undefined }
  const lines = createTextLines({ paint, isNamed })
  return {
    print(news) {
      // A piece at the beginning of another attempt says the same.
      if (news.kind === 'chunk') terminal.out.write(lines.show(news))
    },
    end: () => terminal.out.write(lines.end()),
  }
}
