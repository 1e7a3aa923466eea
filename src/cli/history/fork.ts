import type { RunForkPlan, RunForkRequest } from '../../client/index.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { parseFtns } from '../../kernel/money.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { type LoadedDefinition, requireDefinition, requireValid } from '../definition/load.ts'
import { type InputFlags, readInputs } from '../definition/read-inputs.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { follow } from '../run/follow.ts'
import { withInterrupts } from '../run/interrupts.ts'
import { reportResult } from '../run/result.ts'
import { whatToShow } from '../run/run-workflow.ts'
import { toJson } from '../text/json.ts'

/** Options of `prsm fork`. */
export interface ForkFlags extends InputFlags {
  readonly from: string
  /** `step.name=json`, in order. */
  readonly set?: readonly string[]
  readonly definition?: string
  readonly budget?: string
  readonly dryRun?: boolean
  readonly watch?: boolean
  readonly detach?: boolean
}

/** `prsm fork`: begins a run with the results of another one and follows it. */
export async function forkRun(
  context: Context,
  given: string,
  flags: ForkFlags,
): Promise<ExitCode> {
  const loaded =
    flags.definition === undefined ? undefined : await requireDefinition(context, flags.definition)
  const isElsewhere = flags.dryRun === true || flags.detach === true
  return withSession(context, isElsewhere ? 'none' : 'own', async (session) => {
    const { client } = session
    const run = await findRun(client, given)
    if (loaded !== undefined) await requireValid(context, client, loaded)
    const request = await readRequest(context, { session, run, loaded }, flags)
    const plan = await client.planFork(run, request)
    if (flags.dryRun === true) {
      if (context.isJson) context.printJson(toJson(plan))
      else context.print(...planLines(plan))
      return EXIT.done
    }
    context.note(...planLines(plan))
    return begin(context, session, { run, request, flags })
  })
}

interface Source {
  readonly session: Session
  readonly run: string
  readonly loaded: LoadedDefinition | undefined
}

async function readRequest(
  context: Context,
  { session, run, loaded }: Source,
  { from, set = [], budget, ...flags }: ForkFlags,
): Promise<RunForkRequest> {
  const definition = loaded?.definition ?? (await session.client.getDefinition(run))
  const inputs = await readInputs(context, definition, flags)
  return {
    from,
    ...(Object.keys(inputs).length > 0 && { inputs }),
    ...(set.length > 0 && { parameters: readParameters(set) }),
    ...(loaded !== undefined && { definition }),
    ...(budget !== undefined && { budget: parseFtns(budget) }),
  }
}

function readParameters(given: readonly string[]): Record<string, JsonObject> {
  const parameters: Record<string, JsonObject> = {}
  for (const text of given) {
    const [, step, name, value] = /^(\w{1,64})\.([^=]+)=([\s\S]*)$/.exec(text) ?? []
    if (step === undefined || name === undefined || value === undefined) {
      throw new UsageError(`"${text}" is not a parameter of a step`, {
        hint: 'write step.name=value, such as summarise.model=builtin',
      })
    }
    parameters[step] = { ...parameters[step], [name]: readValue(value) }
  }
  return parameters
}

/** JSON, or the text itself. */
function readValue(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

function planLines({ run, from, kept, begun }: RunForkPlan): readonly string[] {
  const why = {
    from: () => 'as asked for',
    after: (because: string) => `needs "${because}"`,
    inputs: (because: string) => `reads what differs: ${because}`,
    definition: () => 'its definition differs',
    unfinished: () => 'it had not ended',
    undone: () => 'it was undone',
    new: () => 'it is new',
  } as const
  const surprises = begun.filter((each) => each.why !== 'after' && each.why !== 'from')
  return [
    `fork of ${run} from "${from}": ${kept.length} results are taken over, ${begun.length} steps are begun anew`,
    ...(kept.length === 0 ? [] : [`  taken over  ${kept.join(', ')}`]),
    `  anew        ${begun.map(({ step }) => step).join(', ')}`,
    ...surprises.map((each) => `  "${each.step}": ${why[each.why](each.because ?? '')}`),
  ]
}

interface Beginning {
  readonly run: string
  readonly request: RunForkRequest
  readonly flags: ForkFlags
}

async function begin(
  context: Context,
  session: Session,
  { run, request, flags }: Beginning,
): Promise<ExitCode> {
  const { client } = session
  if (flags.detach === true) {
    const { id, name, status } = await client.forkRun(run, request)
    if (context.isJson) context.printJson({ id, name, status, forkedFrom: run })
    else {
      context.print(id)
      context.note(`watch it with: prsm logs ${id} --follow`)
    }
    return EXIT.done
  }
  const followed = await withInterrupts(context, async (interrupted) => {
    const { id } = await client.forkRun(run, request)
    return follow(context, {
      session,
      run: id,
      definition: await client.getDefinition(id),
      drives: true,
      show: whatToShow(context, flags.watch),
      interrupted,
    })
  })
  return reportResult(context, session, followed)
}
