import type { Schedule } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { whenText } from './times-text.ts'

const METHODS = {
  pause: 'pauseSchedule',
  resume: 'resumeSchedule',
  delete: 'deleteSchedule',
} as const

/** `prsm schedule pause`, `resume` and `delete` */
export async function steerSchedule(
  context: Context,
  action: keyof typeof METHODS,
  name: string,
): Promise<ExitCode> {
  const schedule = await withSession(context, 'none', ({ client }): Promise<Schedule> =>
    client[METHODS[action]](name),
  )
  if (context.isJson) context.printJson(toJson(schedule))
  else context.print(`${schedule.name} ${whenText(schedule, context.clock.now())}`)
  return EXIT.done
}
