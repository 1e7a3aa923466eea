import type { WorkerRecord } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { relativeTime } from '../text/time.ts'

import { needsOf, tableOf } from './queue.ts'

/** `prsm workers ls` */
export async function listWorkers(context: Context): Promise<ExitCode> {
  const workers = await withSession(context, 'none', ({ client }) => client.listWorkers())
  if (context.isJson) context.printJson(workers.map((worker) => toJson(worker)))
  else if (workers.length === 0) {
    context.note('there is no worker: prsm serve and prsm worker start one')
  } else context.print(...workerTable(context, workers))
  return EXIT.done
}

function workerTable(context: Context, workers: readonly WorkerRecord[]): readonly string[] {
  const { paint, clock } = context
  const now = clock.now()
  const rows = workers.map((worker) => [
    { text: worker.id },
    { text: worker.host },
    { text: worker.status, paint: worker.status === 'working' ? paint.green : paint.yellow },
    { text: String(worker.runs) },
    { text: String(worker.tasks) },
    { text: needsOf(worker.capacity, worker.labels) },
    { text: relativeTime(worker.startedAt, now), paint: paint.dim },
  ])
  return tableOf(context, rows, [
    { title: 'WORKER' },
    { title: 'HOST', least: 6 },
    { title: 'STATUS' },
    { title: 'RUNS', align: 'right' },
    { title: 'STEPS', align: 'right' },
    { title: 'HAS', least: 8, spare: 1 },
    { title: 'SINCE', spare: 2 },
  ])
}

/** `prsm workers drain` and `undrain` */
export async function drainWorker(
  context: Context,
  id: string,
  isDraining: boolean,
): Promise<ExitCode> {
  const worker = await withSession(context, 'none', async ({ client }) =>
    client.drainWorker(await fullId(id, () => client.listWorkers()), isDraining),
  )
  if (context.isJson) context.printJson(toJson(worker))
  else if (isDraining) {
    context.print(`${worker.id} takes nothing more; ${worker.tasks} steps of the queue run on it`)
  } else context.print(`${worker.id} takes from the queue again`)
  return EXIT.done
}

/** A full id is left to the server to know; the beginning of one must fit one worker. */
async function fullId(text: string, list: () => Promise<readonly WorkerRecord[]>): Promise<string> {
  if (/^work_[a-z0-9]{26}$/.test(text)) return text
  const fitting = (await list()).filter(({ id }) => id.startsWith(text))
  const [first, ...others] = fitting
  if (first !== undefined && others.length === 0) return first.id
  throw new UsageError(
    first === undefined
      ? `no worker begins with "${text}"`
      : `${fitting.length} workers begin with "${text}"`,
    { hint: 'prsm workers ls lists them' },
  )
}
