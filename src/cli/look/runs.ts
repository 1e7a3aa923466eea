import type { RunRecord, RunState } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { formatFtns } from '../../kernel/money.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { runState } from '../../workflow/schema.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { statusColour } from '../live/frame.ts'
import { toJson } from '../text/json.ts'
import { type Cell, renderTable } from '../text/table.ts'
import { relativeTime } from '../text/time.ts'

/** Options of `prsm ls`. */
export interface ListFlags {
  readonly status?: string
  readonly name?: string
  readonly limit: number
}

/** `prsm ls`: the latest runs. */
export async function listRuns(
  context: Context,
  { status, name, limit }: ListFlags,
): Promise<ExitCode> {
  const state = status === undefined ? undefined : parseState(status)
  const filter = {
    limit: Math.min(limit, 200),
    ...(state !== undefined && { status: state }),
    ...(name !== undefined && { name }),
  }
  const runs = await withSession(context, 'none', async ({ client }) => {
    const found: RunRecord[] = []
    for await (const run of client.listRuns(filter)) {
      found.push(run)
      if (found.length === limit) break
    }
    return found
  })
  if (context.isJson) context.printJson(runs.map(toJson))
  else if (runs.length === 0) context.note(emptyText(state !== undefined || name !== undefined))
  else context.print(...tableOf(context, runs))
  return EXIT.done
}

function emptyText(isFiltered: boolean): string {
  return isFiltered
    ? 'no run fits'
    : 'there is no run yet: prsm init writes a first workflow, prsm run runs it'
}

function parseState(text: string): RunState {
  const parsed = runState.safeParse(text)
  if (parsed.success) return parsed.data
  const known = runState.options
  throw new UsageError(`runs are never "${text}"${didYouMean(text, known)}`, {
    hint: `they are ${known.join(', ')}`,
  })
}

function tableOf(
  { terminal, paint, glyphs, clock }: Context,
  runs: readonly RunRecord[],
): readonly string[] {
  const now = clock.now()
  const rows = runs.map((run): readonly Cell[] => [
    { text: run.id },
    { text: run.name },
    { text: run.status, paint: statusColour(run.status, paint) },
    { text: run.cost === 0n ? 'free' : formatFtns(run.cost).replace(' FTNS', '') },
    { text: run.endedAt === undefined ? '' : formatDuration(run.endedAt - run.createdAt) },
    { text: relativeTime(run.createdAt, now), paint: paint.dim },
  ])
  return renderTable({
    columns: [
      { title: 'RUN' },
      { title: 'WORKFLOW', least: 12 },
      { title: 'STATUS' },
      { title: 'FTNS', align: 'right', spare: 2 },
      { title: 'TOOK', align: 'right', spare: 3 },
      { title: 'BEGUN', align: 'right', spare: 1 },
    ],
    rows,
    width: terminal.out.isInteractive ? terminal.out.columns : 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}
