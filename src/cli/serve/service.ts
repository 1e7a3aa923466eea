import type { Role } from '../../app/compose.ts'
import { type Local, openLocal } from '../../app/local.ts'
import { createLog } from '../../platform/log.ts'
import { createOpenTelemetry } from '../../platform/telemetry.ts'
import { type MoreFlags, readServiceSettings } from '../connection/settings.ts'
import { createSurroundings } from '../connection/surroundings.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readVersion } from '../version.ts'

/** What a process that runs until it is told to end is opened with. */
export interface ServiceOptions {
  readonly role: Role
  readonly more: MoreFlags
}

/**
 * Opens the platform, does `work` until the process is asked to end, and closes it. Asked again, the
 * process ends at once.
 */
export async function withService(
  context: Context,
  options: ServiceOptions,
  work: (local: Local, ended: Promise<void>) => Promise<void>,
): Promise<void> {
  const { terminal } = context
  const asked = new AbortController()
  const endListening = terminal.onInterrupt(() => {
    if (asked.signal.aborted) terminal.exit(EXIT.interrupted)
    asked.abort()
  })
  const ended = new Promise<void>((resolve) => {
    asked.signal.addEventListener('abort', () => resolve())
  })
  try {
    const local = await openService(context, options)
    try {
      await work(local, ended)
    } finally {
      await local.close(GRACE_MS)
    }
  } finally {
    endListening()
  }
}

async function openService(context: Context, { role, more }: ServiceOptions): Promise<Local> {
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
  })
}

/** How long running steps may take to end, milliseconds. */
export const GRACE_MS = 10_000
