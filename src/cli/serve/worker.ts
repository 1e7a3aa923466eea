import type { Local } from '../../app/local.ts'
import { type Clock, sleep } from '../../kernel/clock.ts'
import { engineText } from '../connection/engine-text.ts'
import type { MoreFlags } from '../connection/settings.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

import { withService } from './service.ts'

/** Options of `prsm worker`. */
export interface WorkerFlags extends Pick<MoreFlags, 'labels' | 'cores' | 'memoryGb' | 'gpus'> {
  readonly slots?: string
  readonly once?: boolean
}

/** How often a worker that ends by itself looks whether there is something to do, milliseconds. */
const LOOK_EVERY_MS = 250
/** How long there must be nothing to do. */
const IDLE_MS = 3_000

/** `prsm worker`: runs what others begin, until the process is asked to end. */
export async function work(context: Context, { once, ...more }: WorkerFlags): Promise<ExitCode> {
  const options = { role: { worker: 'all' }, more } as const
  await withService(context, options, async (local, ended) => {
    const text = engineText(local.platform.database.engine)
    context.note(`working on ${text}; Ctrl-C ends it`)
    await (once === true ? Promise.race([ended, untilIdle(context.clock, local)]) : ended)
  })
  return EXIT.done
}

async function untilIdle(clock: Clock, { platform }: Local): Promise<void> {
  let idleSince = clock.now()
  while (clock.now() - idleSince < IDLE_MS) {
    await sleep(clock, LOOK_EVERY_MS)
    if ((platform.engine?.size ?? 0) > 0) idleSince = clock.now()
  }
}
