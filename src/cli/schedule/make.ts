import type { CreatedSchedule } from '../../client/index.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { scheduleSpec, type ScheduleSpec } from '../../workflow/schedule/schema.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { requireValid } from '../definition/load.ts'
import { type InputFlags, readInputs } from '../definition/read-inputs.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { readSchedule, type ScheduleFile } from './read-schedule.ts'
import { type PolicyFlags, specOf, type TimeFlags } from './spec-flags.ts'
import { whenText } from './times-text.ts'

/** Options of `prsm schedule create` and `update`. */
export interface CreateFlags extends TimeFlags, PolicyFlags, InputFlags {
  readonly name?: string
}

/** `prsm schedule create` */
export async function createSchedule(
  context: Context,
  file: string,
  flags: CreateFlags,
): Promise<ExitCode> {
  const read = await readSchedule(context, file)
  const { definition } = read
  const spec = await mergeSpec(context, flags, { base: read.spec, definition })
  const name = flags.name ?? read.name ?? nameOf(definition)
  const made = await withSession(context, 'none', async ({ client }) => {
    if (read.loaded !== undefined) await requireValid(context, client, read.loaded)
    return client.createSchedule({ name, definition, spec })
  })
  showMade(context, made)
  return EXIT.done
}

/** What `prsm schedule update` is called with. */
export interface UpdateCall {
  readonly name: string
  readonly file: string | undefined
  readonly flags: CreateFlags
}

/** `prsm schedule update` */
export async function updateSchedule(
  context: Context,
  { name, file, flags }: UpdateCall,
): Promise<ExitCode> {
  const read: Partial<ScheduleFile> = file === undefined ? {} : await readSchedule(context, file)
  const { definition, loaded } = read
  const made = await withSession(context, 'none', async ({ client }) => {
    if (loaded !== undefined) await requireValid(context, client, loaded)
    const base = read.spec ?? (await client.getSchedule(name)).spec
    const spec = await mergeSpec(context, flags, { base, definition: definition ?? {} })
    return client.updateSchedule(name, { spec, ...(definition !== undefined && { definition }) })
  })
  showMade(context, made)
  return EXIT.done
}

interface Base {
  readonly base: ScheduleFile['spec'] | undefined
  readonly definition: JsonObject
}

/** A schedule as file and options say together. @throws {@link UsageError} it is not a whole one. */
async function mergeSpec(
  context: Context,
  flags: CreateFlags,
  { base, definition }: Base,
): Promise<ScheduleSpec> {
  const inputs = { ...base?.inputs, ...(await readInputs(context, definition, flags)) }
  const given = {
    ...base,
    ...specOf(flags),
    ...(Object.keys(inputs).length > 0 && { inputs }),
  }
  if (given.trigger === undefined) {
    throw new UsageError('nothing says when it is to run', {
      hint: 'give --cron, --every, --at, --event or another trigger, or a file of a schedule',
    })
  }
  const parsed = scheduleSpec.safeParse(given)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new UsageError(`the schedule is not valid: ${issues.join('; ')}`, {
    hint: 'docs/schedules.md describes every field',
  })
}

function nameOf(definition: JsonObject): string {
  const { name } = definition
  if (typeof name === 'string') return name
  throw new UsageError('the definition has no name', { hint: 'name the schedule with --name' })
}

function showMade(context: Context, made: CreatedSchedule): void {
  const { schedule, hook } = made
  if (context.isJson) {
    context.printJson(toJson(made))
    return
  }
  const { name, version, workflow } = schedule
  context.print(
    `${name}, version ${version}: ${workflow} ${whenText(schedule, context.clock.now())}`,
  )
  if (hook !== undefined) {
    context.print(hook)
    context.note('this is the path of its webhook; a secret in it is not shown again')
  }
  context.note('prsm serve and prsm worker fire it')
}
