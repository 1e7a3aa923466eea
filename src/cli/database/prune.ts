import { parseDurationMs } from '../../kernel/duration.ts'
import { createSqlRetentionStore, prune, type PruneReport } from '../../workflow/index.ts'
import { readSettings } from '../connection/settings.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

import { withDatabase } from './move.ts'

/** Options of `prsm db prune`. */
export interface PruneFlags {
  readonly olderThan?: string
  readonly dryRun?: boolean
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Whoever watches the newest events must have read them. */
const LEAST_MS = HOUR_MS

/** `prsm db prune` */
export async function pruneDatabase(context: Context, flags: PruneFlags): Promise<ExitCode> {
  const { clock } = context
  const { dryRun: isDryRun = false } = flags
  const age = ageMs(context, flags)
  const textAge = Math.min(age, readSettings(context).keepTextHours * HOUR_MS)
  const now = clock.now()
  const terms = { endedBefore: now - age, textBefore: now - textAge, isDryRun }
  const report = await withDatabase(context, ({ database }) =>
    prune({ store: createSqlRetentionStore(database), clock }, terms),
  )
  if (context.isJson) context.printJson({ ...report, isDryRun })
  else tell(context, report, isDryRun)
  return EXIT.done
}

function ageMs(context: Context, { olderThan }: PruneFlags): number {
  const { keepRunsDays } = readSettings(context)
  if (olderThan === undefined && keepRunsDays === 0) {
    throw new UsageError('the settings keep runs for ever', {
      hint: 'say how old those are that may go: prsm db prune --older-than 90d',
    })
  }
  const age = olderThan === undefined ? keepRunsDays * DAY_MS : parseDurationMs(olderThan)
  if (age >= LEAST_MS) return age
  throw new UsageError('runs are kept for an hour after their end at least', {
    hint: 'give --older-than 1h or more',
  })
}

function tell(context: Context, report: PruneReport, isDryRun: boolean): void {
  const { runs, events, eventBytes, artifacts, artifactBytes, isBusy } = report
  const { texts, textBytes } = report
  const verb = isDryRun ? 'would be' : 'are'
  context.print(
    `${runs} runs with ${events} events (${sizeText(eventBytes)}) ${verb} removed`,
    `${artifacts} values that nothing refers to (${sizeText(artifactBytes)}) ${verb} removed`,
    `what steps wrote while they worked in ${texts} runs (${sizeText(textBytes)}) ${verb} removed`,
  )
  if (isBusy) context.note('another process prunes at this moment, and goes on with the rest')
  if (isDryRun) return
  context.note('the database uses the room again; values of these runs go a day later')
}

function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
