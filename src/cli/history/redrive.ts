import type { Client, RedrivePage, RedriveRequest, RunState } from '../../client/index.ts'
import { sleep } from '../../kernel/clock.ts'
import { parseDurationMs } from '../../kernel/duration.ts'
import { type LocalSession, type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { createDriver } from '../run/driver.ts'

/** Options of `prsm redrive`. */
export interface RedriveFlags {
  readonly workflow?: string
  readonly since?: string
  readonly code?: string
  readonly limit?: number
  readonly dryRun?: boolean
  readonly detach?: boolean
}

type Item = RedrivePage['items'][number]

/** Failed runs looked at in one request. */
const PAGE = 100
/** Runs that are driven here at once. */
const AT_ONCE = 20
const LOOK_EVERY_MS = 100

/** `prsm redrive`: lets failed runs go on, and follows them to their ends. */
export async function redriveRuns(context: Context, flags: RedriveFlags): Promise<ExitCode> {
  const isElsewhere = flags.dryRun === true || flags.detach === true
  return withSession(context, isElsewhere ? 'none' : 'own', async (session) => {
    const items: Item[] = []
    const isDriven = !isElsewhere && session.local !== undefined
    const ends = new Map<string, RunState>()
    for await (const page of pages(context, session, flags)) {
      items.push(...page)
      if (isDriven && isLocal(session)) await driveAll(context, session, { page, ends })
    }
    return report(context, { items, ends, isDriven })
  })
}

function isLocal(session: Session): session is LocalSession {
  return session.local !== undefined
}

/** Failed runs that fit, asked to go on page by page. */
async function* pages(
  context: Context,
  { client }: Session,
  { workflow, since, code, limit = Number.POSITIVE_INFINITY, dryRun = false }: RedriveFlags,
): AsyncGenerator<readonly Item[], void> {
  const from = since === undefined ? undefined : context.clock.now() - parseDurationMs(since)
  let left = limit
  let before: string | undefined
  do {
    const request: RedriveRequest = {
      // What does not fit counts as looked at, so a page may hold fewer than asked for, never more.
      limit: Math.min(PAGE, left),
      dryRun,
      ...(workflow !== undefined && { name: workflow }),
      ...(code !== undefined && { code }),
      ...(from !== undefined && { since: from }),
      ...(before !== undefined && { before }),
    }
    const page = await client.redrive(request)
    yield page.items
    left -= page.items.length
    before = page.next
  } while (before !== undefined && left > 0)
}

interface Driving {
  readonly page: readonly Item[]
  /** Where runs are when they stand still. */
  readonly ends: Map<string, RunState>
}

async function driveAll(
  context: Context,
  session: LocalSession,
  { page, ends }: Driving,
): Promise<void> {
  const queue = page.filter(({ outcome }) => outcome === 'asked').map(({ run }) => run)
  const work = async (): Promise<void> => {
    for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
      const status = await drive(context, session, run)
      ends.set(run, status)
      context.note(`${run} ${status}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** Drives a run until it ends, or waits for something that is not done here. */
async function drive(
  { clock }: Context,
  { client, local, log }: LocalSession,
  run: string,
): Promise<RunState> {
  const { platform } = local
  const driver = createDriver({ platform, client, clock, log, resumes: true }, run)
  try {
    // Whoever takes a run up hears at once what it was asked; until then it is failed as before.
    await platform.engine?.take(run)
    await platform.engine?.left(run)
    for (let looks = 1; ; looks++) {
      const { status } = await client.getRun(run)
      const isStill = STILL.has(status) && !(status === 'waiting' && (await hasChild(client, run)))
      if (isStill && (status !== 'failed' || looks > PATIENCE)) return status
      await sleep(clock, LOOK_EVERY_MS)
    }
  } finally {
    driver.stop()
  }
}

const STILL: ReadonlySet<RunState> = new Set([
  'completed',
  'failed',
  'cancelled',
  'waiting',
  'paused',
])
/** Looks for which a run may stay failed: another process may have been asked a moment ago. */
const PATIENCE = 3

async function hasChild(client: Client, run: string): Promise<boolean> {
  const { reasons } = await client.explainRun(run)
  return reasons.some(({ kind }) => kind === 'child')
}

interface Report {
  readonly items: readonly Item[]
  readonly ends: ReadonlyMap<string, RunState>
  readonly isDriven: boolean
}

function report(context: Context, { items, ends, isDriven }: Report): ExitCode {
  const refused = items.filter(({ outcome }) => outcome === 'refused')
  const failed = [...ends.values()].filter((status) => status === 'failed').length
  if (context.isJson) {
    context.printJson(
      items.map((item) => {
        const status = ends.get(item.run)
        const { run, name, code, outcome, reason } = item
        return {
          run,
          name,
          code,
          outcome,
          ...(reason !== undefined && { reason }),
          ...(status !== undefined && { status }),
        }
      }),
    )
  } else {
    context.print(
      ...items.map(({ run, name, code, outcome, reason }) =>
        outcome === 'refused'
          ? `${run} ${name} stays failed: ${reason ?? ''}`
          : `${run} ${name} ${outcome === 'would' ? 'would go on' : (ends.get(run) ?? 'was asked to go on')} (${code})`,
      ),
    )
    context.note(summary({ items, ends, isDriven }, { refused: refused.length, failed }))
  }
  return failed === 0 ? EXIT.done : EXIT.failed
}

function summary(
  { items, ends, isDriven }: Report,
  { refused, failed }: { readonly refused: number; readonly failed: number },
): string {
  if (items.length === 0) return 'no failed run fits'
  const asked = items.filter(({ outcome }) => outcome === 'asked').length
  const done = [...ends.values()].filter((status) => status === 'completed').length
  const here = isDriven ? `: ${done} completed, ${failed} failed again` : ''
  return `${items.length} failed runs, ${asked} asked to go on${here}, ${refused} cannot`
}
