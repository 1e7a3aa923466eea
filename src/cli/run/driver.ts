import type { Platform } from '../../app/compose.ts'
import type { Client, Event } from '../../client/index.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'

/**
 * Keeps one run and the runs that its steps begin going in this process.
 *
 * @remarks A worker of the command line takes up nothing by itself. It gives a run up that waits for
 * long, and the runs that steps begin are nobody's at first; both are taken up here as soon as there
 * is something to do.
 */
export interface Driver {
  /** Hears of an event of the run. */
  note(event: Event): void
  /** Stops everything at once, so that it can be resumed; what only waits is left as it is. */
  interrupt(by: string): Promise<void>
  stop(): void
}

/** What a driver needs. */
export interface DriverDeps {
  readonly platform: Platform
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  /** Whether runs of steps that stand still are told to go on, as the run itself was. */
  readonly resumes: boolean
}

/** How often it is tried to take up what has been given up, milliseconds. */
const TAKE_EVERY_MS = 200
const ENDINGS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled'])

/** Builds a driver of a run that this process has begun, or is to take up. */
export function createDriver(deps: DriverDeps, root: string): Driver {
  const { platform, clock, log } = deps
  const stopping = new AbortController()
  const wanted = new Set<string>()
  const held = new Set<string>()
  const want = (run: string): void => {
    wanted.add(run)
    hold(run)
  }
  const hold = (run: string): void => {
    const left = platform.engine?.left(run)
    if (left === undefined) return
    held.add(run)
    void left.then(() => held.delete(run))
  }
  const adopt = (child: string): void => {
    if (wanted.has(child)) return
    want(child)
    void followChild(deps, { child, adopt, drop, signal: stopping.signal })
  }
  const drop = (run: string): void => void wanted.delete(run)
  const takeAll = async (): Promise<void> => {
    for (const run of wanted) {
      if (held.has(run) || stopping.signal.aborted) continue
      if ((await platform.engine?.take(run)) === true) hold(run)
    }
  }
  const turn = async (): Promise<void> => {
    try {
      await takeAll()
    } catch (fault) {
      // The database may be away for a while; the next turn tries again.
      log.error('cli.take-failed', fault)
    }
    if (!stopping.signal.aborted) clock.after(TAKE_EVERY_MS, () => void turn())
  }
  want(root)
  void turn()
  return {
    note: (event) => noteEvent(event, { adopt, drop }),
    async interrupt(by) {
      stopping.abort()
      for (const run of [...wanted].toReversed()) await platform.engine?.interrupt(run, by)
    },
    stop: () => stopping.abort(),
  }
}

interface Hearing {
  readonly adopt: (child: string) => void
  readonly drop: (run: string) => void
}

function noteEvent({ kind, stream, data }: Event, { adopt, drop }: Hearing): void {
  const { child } = data
  if (kind === 'step.waiting' && typeof child === 'string') adopt(child)
  if (ENDINGS.has(kind)) drop(stream)
}

interface Following extends Hearing {
  readonly child: string
  readonly signal: AbortSignal
}

/** Hears of the events of a run that a step has begun, for the runs that its own steps begin. */
async function followChild(
  { platform, client, log, resumes }: DriverDeps,
  { child, signal, ...hearing }: Following,
): Promise<void> {
  try {
    const isPaused = resumes && (await client.getRun(child)).status === 'paused'
    if (isPaused) await client.resume(child)
    for await (const event of platform.journal.follow({ stream: child, afterVersion: 0 }, signal)) {
      noteEvent(event, hearing)
    }
  } catch (fault) {
    log.error('cli.child-not-followed', fault, { run: child })
  }
}
