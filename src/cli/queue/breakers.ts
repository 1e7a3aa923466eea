import type { BreakerRecord } from '../../client/index.ts'
import type { CircuitState } from '../../kernel/breakers.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import type { Cell } from '../text/table.ts'
import { relativeTime } from '../text/time.ts'

import { tableOf } from './queue.ts'

/** `prsm breakers ls` */
export async function listBreakers(context: Context): Promise<ExitCode> {
  const all = await withSession(context, 'none', ({ client }) => client.listBreakers())
  if (context.isJson) context.printJson(all.map((each) => toJson(each)))
  else if (all.length === 0) {
    context.note('no worker that runs now has called anything: models and hosts of http steps')
  } else context.print(...breakerTable(context, all))
  return EXIT.done
}

function breakerTable(context: Context, all: readonly BreakerRecord[]): readonly string[] {
  const { paint, clock } = context
  const now = clock.now()
  const paints = { closed: paint.green, open: paint.red, half_open: paint.yellow } as const
  const rows = all.map((each): readonly Cell[] => [
    { text: each.dependency },
    { text: each.tenant ?? '' },
    { text: WORDS[each.state], paint: paints[each.state] },
    { text: relativeTime(each.since, now), paint: paint.dim },
    { text: `${each.faults} of ${each.calls}` },
    { text: each.lastFault?.code ?? '' },
    { text: each.retryAt === undefined ? '' : relativeTime(each.retryAt, now) },
    { text: each.worker, paint: paint.dim },
  ])
  return tableOf(context, rows, [
    { title: 'CALLED', least: 12, spare: 1 },
    { title: 'WHOSE', spare: 4 },
    { title: 'CIRCUIT' },
    { title: 'SINCE', spare: 3 },
    { title: 'FAILED', align: 'right' },
    { title: 'LAST FAULT', least: 8, spare: 2 },
    { title: 'TRIED AGAIN' },
    { title: 'WORKER', spare: 5 },
  ])
}

const WORDS: Readonly<Record<CircuitState, string>> = {
  closed: 'closed',
  open: 'open',
  half_open: 'half open',
}

/** `prsm breakers reset` */
export async function resetBreaker(context: Context, dependency: string): Promise<ExitCode> {
  const meant = await withSession(context, 'none', ({ client }) => client.resetBreaker(dependency))
  if (context.isJson) context.printJson(meant.map((each) => toJson(each)))
  else {
    const workers = new Set(meant.map(({ worker }) => worker)).size
    context.print(`${dependency} is called again by ${workers} worker${workers === 1 ? '' : 's'}`)
  }
  return EXIT.done
}
