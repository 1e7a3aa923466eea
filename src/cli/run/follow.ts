import type { Event } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import {
  applyToView,
  createRunView,
  type RunView,
  viewAt,
  waitsForSignals,
} from '../../progress/index.ts'
import type { Session } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { type Display, openLiveDisplay } from '../live/live-display.ts'

import { createDriver, type Driver } from './driver.ts'
import { createPlainLines } from './plain-display.ts'
import { watchRun } from './watch-run.ts'

/** Why a run is not followed any more. */
export type Ending =
  | 'ended'
  /** It stands still until somebody acts. */
  | 'waits'
  | 'paused'
  /** Ctrl-C: it was stopped here, and can be resumed. */
  | 'interrupted'
  /** Ctrl-C: it goes on elsewhere. */
  | 'left'

/** What is followed, and how. */
export interface FollowRequest {
  readonly session: Session
  readonly run: string
  readonly definition: JsonObject
  /** Events that were seen already. */
  readonly past?: readonly Event[]
  /** Whether this process drives the run. */
  readonly drives: boolean
  /** Whether the run was told to go on. */
  readonly resumes?: boolean
  /** How the run is shown; `events` are for programs. */
  readonly show: 'progress' | 'events' | 'nothing'
  /** Aborts when somebody has pressed Ctrl-C. */
  readonly interrupted: AbortSignal
}

/** How the following of a run has ended, and the run as it is then. */
export interface Followed {
  readonly ending: Ending
  readonly view: RunView
}

/** Follows a run to its end, or to where nobody here can help it. */
export async function follow(context: Context, request: FollowRequest): Promise<Followed> {
  const { session, run, definition, past = [] } = request
  const patience = new AbortController()
  const signal = AbortSignal.any([patience.signal, request.interrupted])
  const driver = openDriver(context, request)
  const display = openDisplay(context, request)
  const undivert = session.logSink.divert((line) => display.note(line))
  let view = past.reduce(applyToView, createRunView(definition))
  for (const event of past) driver?.note(event)
  display.show(view)
  const endPatience = isStill(context, view)
    ? context.clock.after(PATIENCE_MS, () => patience.abort())
    : tellWhenHeld(context, request, { view, display })
  try {
    const { client } = session
    const { clock } = context
    for await (const event of watchRun({ client, clock, run, after: view.version, signal })) {
      endPatience()
      driver?.note(event)
      const next = applyToView(view, event)
      display.event(event, view, next)
      view = next
      const ending = endingOf(context, event, view)
      if (ending !== undefined) return { ending, view }
    }
    if (!signal.aborted) return { ending: 'ended', view }
    if (!request.interrupted.aborted) return { ending: 'waits', view }
    if (driver === undefined) return { ending: 'left', view: viewAt(view, clock.now()) }
    await driver.interrupt(BY)
    return { ending: 'interrupted', view: await viewOfInterrupted(context, request, view) }
  } finally {
    endPatience()
    undivert()
    display.close()
    driver?.stop()
  }
}

async function viewOfInterrupted(
  { clock }: Context,
  { session: { client }, run }: FollowRequest,
  seen: RunView,
): Promise<RunView> {
  // What only waited goes on waiting.
  const { status } = await client.getRun(run)
  let view = seen
  // An early Ctrl-C comes before the first event has been heard of.
  if (view.version === 0) {
    for await (const event of client.listEvents(run)) view = applyToView(view, event)
  }
  return { ...viewAt(view, clock.now()), status }
}

/** How long a run that waits for somebody is given to take up what came meanwhile, milliseconds. */
const PATIENCE_MS = 3_000

/** How soon a run that was told to go on is expected to do so, milliseconds. */
const SOON_MS = 1_000

/** Says why nothing happens in a run that was told to go on: a worker that died still holds it. */
function tellWhenHeld(
  { clock }: Context,
  { resumes = false, session: { settings } }: FollowRequest,
  { view, display }: { readonly view: RunView; readonly display: Display },
): () => void {
  if (!resumes || view.status !== 'running') return () => undefined
  const silence = formatDuration(settings.leaseMs)
  return clock.after(SOON_MS, () =>
    display.note(
      `another process has this run; it goes on here once that has been silent for ${silence}`,
    ),
  )
}

/** Who is named in the journal. */
const BY = 'local'

function openDriver(
  { clock }: Context,
  { session, run, drives, resumes = false }: FollowRequest,
): Driver | undefined {
  const { local, client, log } = session
  if (local === undefined || !drives) return undefined
  return createDriver({ platform: local.platform, client, clock, log, resumes }, run)
}

/** A run that nobody here can help is left: whoever can help it is told how. */
function endingOf(context: Context, { kind }: Event, view: RunView): Ending | undefined {
  if (kind === 'run.paused') return 'paused'
  // What the signal leads to is told by the events behind it.
  return kind !== 'signal.received' && isStill(context, view) ? 'waits' : undefined
}

/** Whether a run stands still until somebody acts, and nobody sits here who could. */
function isStill({ terminal }: Context, view: RunView): boolean {
  const isAttended = terminal.input.isInteractive && terminal.err.isInteractive
  return waitsForSignals(view) && !isAttended
}

interface EventDisplay extends Display {
  event(event: Event, before: RunView, after: RunView): void
}

function openDisplay(context: Context, { show }: FollowRequest): EventDisplay {
  const { terminal, isQuiet, isJson, note } = context
  const isShown = show === 'progress' && !isQuiet && !isJson
  if (isShown && terminal.err.isInteractive) {
    const live = openLiveDisplay(context)
    return { ...live, event: (_event, _before, after) => live.show(after) }
  }
  const still = {
    show: () => undefined,
    note: (line: string) => note(line),
    close: () => undefined,
  }
  if (show === 'events') {
    return { ...still, event: (event) => context.printJson({ event: { ...event } }) }
  }
  return { ...still, event: isShown ? createPlainLines(context) : () => undefined }
}
