import type { Database } from '../platform/sql/database.ts'
import type { Inbox, RunStore, TaskStore } from '../workflow/index.ts'

const MOMENTS = [
  /** Runs are taken by a worker. */
  'claim',
  /** A run comes into being, its hold with it. */
  'birth',
  /** Units are on record as begun. */
  'start',
  /** A try has ended. */
  'result',
  /** The time of a wait is over. */
  'timer',
  /** A signal is answered. */
  'letter',
  /** Something is undone. */
  'undo',
  /** A run has ended. */
  'end',
  /** Queued units are taken by a worker. */
  'lease',
  /** A worker tells what became of a queued unit. */
  'answer',
  /** A worker shows that it lives. */
  'beat',
] as const

/** What a worker is about to make durable, or just has. */
type Moment = (typeof MOMENTS)[number]

/**
 * An instant at which a process must be able to die, stop or lose its database without harm:
 * just before or just after something becomes durable, and `money.moved`, when money has moved
 * within a transaction that is not committed yet.
 */
export type CrashPoint = `${Moment}.${'before' | 'after'}` | 'money.moved'

/** Every crash point. */
export const CRASH_POINTS: readonly CrashPoint[] = [
  ...MOMENTS.flatMap((moment) => [`${moment}.before`, `${moment}.after`] as const),
  'money.moved',
]

/** Called at every crash point; the process goes on when it resolves. */
export type Reach = (point: CrashPoint) => Promise<void>

/** The stores in whose methods the crash points lie. */
export interface CrashingStores {
  readonly runs: RunStore
  readonly tasks: TaskStore
  readonly inbox: Inbox
}

/** Stores that reach a crash point before and after whatever they make durable. */
export function withCrashPoints(stores: CrashingStores, reach: Reach): CrashingStores {
  const { runs, tasks, inbox } = stores
  const around = async <Value>(
    moments: readonly Moment[],
    work: () => Promise<Value>,
  ): Promise<Value> => {
    for (const moment of moments) await reach(`${moment}.before`)
    const value = await work()
    for (const moment of moments) await reach(`${moment}.after`)
    return value
  }
  return {
    runs: {
      ...runs,
      commit: (change) => around(momentsOf(change), () => runs.commit(change)),
      claim: (request) => around(['claim'], () => runs.claim(request)),
      heartbeat: (worker, leaseMs) => around(['beat'], () => runs.heartbeat(worker, leaseMs)),
    },
    tasks: {
      ...tasks,
      lease: (request) => around(['lease'], () => tasks.lease(request)),
      settle: (ending) => around(['answer'], () => tasks.settle(ending)),
    },
    inbox: {
      ...inbox,
      adopt: (run) => around(['claim'], () => inbox.adopt(run)),
    },
  }
}

type Change = Parameters<RunStore['commit']>[0]
type RunEvent = Change['events'][number]['event']

function momentsOf({ create, children, events, consumed }: Change): readonly Moment[] {
  const moments = new Set<Moment>()
  if (create !== undefined || children.length > 0) moments.add('birth')
  if (consumed.length > 0) moments.add('letter')
  for (const { event } of events) {
    const moment = momentOf(event)
    if (moment !== undefined) moments.add(moment)
  }
  return [...moments]
}

function momentOf(event: RunEvent): Moment | undefined {
  switch (event.kind) {
    case 'step.started':
      return 'start'
    case 'step.completed':
      // Whoever waits for a time gives nothing; so do few others.
      return event.data.output === null ? 'timer' : 'result'
    case 'step.failed':
    case 'step.retrying':
    case 'step.repeating':
      return 'result'
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return 'end'
    default:
      return event.kind.startsWith('undo.') ? 'undo' : undefined
  }
}

/** A database whose transactions of many callers reach `money.moved` when they move money. */
export function withMoneyPoint(database: Database, reach: Reach): Database {
  return {
    ...database,
    openCommitConnection() {
      const connection = database.openCommitConnection()
      return {
        close: () => connection.close(),
        transaction: (work) =>
          connection.transaction(async (sql) => {
            let isMoved = false
            const value = await work({
              query(statement) {
                isMoved ||= statement.name?.startsWith('ledger-save') === true
                return sql.query(statement)
              },
            })
            if (isMoved) await reach('money.moved')
            return value
          }),
      }
    },
  }
}
