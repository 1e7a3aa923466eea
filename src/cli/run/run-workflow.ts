import type { Quote, RunRecord } from '../../client/index.ts'
import { type JsonObject } from '../../kernel/json.ts'
import { type MicroFtns, parseFtns } from '../../kernel/money.ts'
import type { QueueOptions } from '../../workflow/definition/schema.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { type LoadedDefinition, requireDefinition, requireValid } from '../definition/load.ts'
import { type InputFlags, readInputs } from '../definition/read-inputs.ts'
import { NobodyThereError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { follow, type FollowRequest } from './follow.ts'
import { withInterrupts } from './interrupts.ts'
import { type QueueOptionFlags, readQueueOptions } from './queue-options.ts'
import { quoteSummary, quoteTable } from './quote-lines.ts'
import { reportResult } from './result.ts'
import { countLiveWorkers } from './workers-sql.ts'

/** Options of `prsm run`. */
export interface RunFlags extends InputFlags, QueueOptionFlags {
  readonly budget?: string
  readonly dryRun?: boolean
  readonly detach?: boolean
  /** `--watch` or `--no-watch`. @defaultValue progress for people, nothing for programs */
  readonly watch?: boolean
}

/** A definition, its inputs and its budget. */
interface Request {
  readonly definition: JsonObject
  readonly inputs: JsonObject
  readonly budget?: MicroFtns
  readonly queue?: QueueOptions
}

/** `prsm run`: checks, quotes, begins and follows a run. */
export async function runWorkflow(
  context: Context,
  file: string,
  flags: RunFlags,
): Promise<ExitCode> {
  const loaded = await requireDefinition(context, file)
  const inputs = await readInputs(context, loaded.definition, flags)
  const { budget } = flags
  const request: Request = {
    definition: loaded.definition,
    inputs,
    ...(budget !== undefined && { budget: parseFtns(budget) }),
    ...readQueueOptions(flags),
  }
  const isElsewhere = flags.dryRun === true || flags.detach === true
  return withSession(context, isElsewhere ? 'none' : 'own', async (session) => {
    const quote = await checkAndQuote(context, session, { loaded, request })
    if (flags.dryRun === true) {
      showQuote(context, quote)
      return EXIT.done
    }
    if (flags.detach === true) return detach(context, session, request)
    return runHere(context, session, { request, flags })
  })
}

/** `prsm quote`: what a run would cost. */
export async function quoteWorkflow(
  context: Context,
  file: string,
  flags: RunFlags,
): Promise<ExitCode> {
  return runWorkflow({ ...context, note: () => undefined }, file, { ...flags, dryRun: true })
}

interface Checked {
  readonly loaded: LoadedDefinition
  readonly request: Request
}

async function checkAndQuote(
  context: Context,
  { client }: Session,
  { loaded, request }: Checked,
): Promise<Quote> {
  await requireValid(context, client, loaded)
  const [quote, { notice }] = await Promise.all([client.quote(request), client.models()])
  context.note(...quoteSummary(quote))
  if (notice !== undefined && usesModels(quote)) context.note(context.notePaint.yellow(notice))
  return quote
}

function usesModels({ lines }: Quote): boolean {
  return lines.some(({ usage }) =>
    usage.some(({ resource }) => resource === 'model_inference_tokens'),
  )
}

/** Prints a quote as the result of a command. */
function showQuote(context: Context, quote: Quote): void {
  if (context.isJson) context.printJson(toJson(quote))
  else context.print(...quoteTable(quote, context))
}

interface Here {
  readonly request: Request
  readonly flags: RunFlags
}

async function runHere(
  context: Context,
  session: Session,
  { request, flags }: Here,
): Promise<ExitCode> {
  const followed = await withInterrupts(context, async (interrupted) => {
    const { id } = await session.client.createRun(request)
    return follow(context, {
      session,
      run: id,
      definition: request.definition,
      drives: true,
      show: whatToShow(context, flags.watch),
      interrupted,
    })
  })
  return reportResult(context, session, followed)
}

/** What is shown of a run meanwhile; programs have to ask for it. */
export function whatToShow({ isJson }: Context, watch: boolean | undefined): FollowRequest['show'] {
  if (watch === false) return 'nothing'
  return watch === true && isJson ? 'events' : 'progress'
}

/** Leaves a run to whoever works on the same database. */
async function detach(context: Context, session: Session, request: Request): Promise<ExitCode> {
  const { local, settings } = session
  if (local !== undefined && settings.databaseUrl === undefined) {
    const workers = await countLiveWorkers(local.platform.database.database)
    if (workers === 0) throw new NobodyThereError()
  }
  showBegun(context, await session.client.createRun(request))
  return EXIT.done
}

function showBegun(context: Context, { id, name, status }: RunRecord): void {
  if (context.isJson) context.printJson({ id, name, status })
  else {
    context.print(id)
    context.note(`watch it with: prsm logs ${id} --follow`)
  }
}
