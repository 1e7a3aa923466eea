import type { Role } from '../../app/compose.ts'
import { type Local, openLocal } from '../../app/local.ts'
import { createLog } from '../../platform/log.ts'
import { createOpenTelemetry } from '../../platform/telemetry.ts'
import { type MoreFlags, readServiceSettings } from '../connection/settings.ts'
import { createSurroundings } from '../connection/surroundings.ts'
import type { Context } from '../context.ts'
import { definitionSchema } from '../definition/definition-schema.ts'
import { readVersion } from '../version.ts'

/** Opens the platform for a process that runs until it is told to end. */
export async function openService(
  context: Context,
  role: Role,
  more: MoreFlags = {},
): Promise<Local> {
  const settings = readServiceSettings(context, more)
  const { clock, terminal } = context
  const surroundings = createSurroundings(terminal, {
    clock,
    log: createLog(settings.logLevel),
    telemetry: createOpenTelemetry(),
  })
  return openLocal(settings, surroundings, {
    role,
    version: readVersion(),
    workflowSchema: definitionSchema(),
  })
}

/** Resolves when the process is asked to end; asked again, it ends at once. */
export function untilInterrupted({ terminal }: Context, exitCode: number): Promise<void> {
  return new Promise((resolve) => {
    let count = 0
    terminal.onInterrupt(() => {
      count += 1
      if (count === 1) resolve()
      else terminal.exit(exitCode)
    })
  })
}

/** How long running steps may take to end, milliseconds. */
export const GRACE_MS = 10_000
