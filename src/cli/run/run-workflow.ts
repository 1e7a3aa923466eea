import type { Quote, RunRecord, RunRequestBody } from '../../client/index.ts'
import { type JsonObject } from '../../kernel/json.ts'
import { parseFtns } from '../../kernel/money.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { type LoadedDefinition, requireDefinition, requireValid } from '../definition/load.ts'
import { type InputFlags, readInputs } from '../definition/read-inputs.ts'
import { NobodyThereError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { namesSaved, readSaved } from '../library/name.ts'
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

/** What is to be run, and how it is drawn. */
interface Request {
  /** As the API is told of it: written out, or by the name of a saved workflow. */
  readonly body: RunRequestBody
  /** The definition, or the outline of one that may not be read. */
  readonly definition: JsonObject
  /** The file it was read from; saved workflows are checked already. */
  readonly loaded?: LoadedDefinition
}

/** `prsm run`: checks, quotes, begins and follows a run. */
export async function runWorkflow(
  context: Context,
  file: string,
  flags: RunFlags,
): Promise<ExitCode> {
  const { budget } = flags
  const terms = {
    ...(budget !== undefined && { budget: parseFtns(budget) }),
    ...readQueueOptions(flags),
  }
  const fromFile = namesSaved(file) ? undefined : await requestFromFile(context, file, flags)
  const isElsewhere = flags.dryRun === true || flags.detach === true
  return withSession(context, isElsewhere ? 'none' : 'own', async (session) => {
    const found = fromFile ?? (await requestOfSaved(context, session, { name: file, flags }))
    const request = { ...found, body: { ...found.body, ...terms } }
    const quote = await checkAndQuote(context, session, request)
    if (flags.dryRun === true) {
      showQuote(context, quote)
      return EXIT.done
    }
    if (flags.detach === true) return detach(context, session, request.body)
    return runHere(context, session, { request, flags })
  })
}

async function requestFromFile(
  context: Context,
  file: string,
  flags: InputFlags,
): Promise<Request> {
  const loaded = await requireDefinition(context, file)
  const { definition } = loaded
  const inputs = await readInputs(context, definition, flags)
  return { body: { definition, inputs }, definition, loaded }
}

interface Saved {
  readonly name: string
  readonly flags: InputFlags
}

async function requestOfSaved(
  context: Context,
  { client }: Session,
  { name, flags }: Saved,
): Promise<Request> {
  const definition = await readSaved(client, name)
  const inputs = await readInputs(context, definition, flags)
  return { body: { workflow: name, inputs }, definition }
}

/** `prsm quote`: what a run would cost. */
export async function quoteWorkflow(
  context: Context,
  file: string,
  flags: RunFlags,
): Promise<ExitCode> {
  return runWorkflow({ ...context, note: () => undefined }, file, { ...flags, dryRun: true })
}

async function checkAndQuote(
  context: Context,
  { client }: Session,
  { body, loaded }: Request,
): Promise<Quote> {
  if (loaded !== undefined) await requireValid(context, client, loaded)
  const [quote, { notice }] = await Promise.all([client.quote(body), client.models()])
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
    const { id } = await session.client.createRun(request.body)
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
async function detach(
  context: Context,
  session: Session,
  request: RunRequestBody,
): Promise<ExitCode> {
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
