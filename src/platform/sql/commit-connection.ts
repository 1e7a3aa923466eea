import { Client, type ClientConfig } from 'pg'

import type { Log } from '../../kernel/log.ts'

import { CommitUnknownError } from './errors.ts'
import { isConnectionLoss, toSqlError } from './faults.ts'
import { bindSql, type Sql, type Statement } from './statements.ts'

/**
 * A connection of its own for transactions that follow one another.
 *
 * @remarks Statements are sent without waiting for the answers of earlier ones, so a transaction
 * whose statements do not depend on one another's results costs one round trip.
 */
export interface CommitConnection {
  /**
   * Runs `work` in a transaction. Statements whose promise `work` does not await are sent on; their
   * faults fail the transaction all the same.
   *
   * @throws {@link CommitUnknownError} the connection broke.
   */
  transaction<Value>(work: (sql: Sql) => Promise<Value>): Promise<Value>
  close(): Promise<void>
}

// Rows are found by the keys handed in. A planner that has no statistics yet would rather read a
// whole table, which is fast while it is empty and not afterwards.
const SETTINGS = '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan'

/** Builds the connection; it connects at its first use, and anew after it was lost. */
export function createCommitConnection(config: ClientConfig, log: Log): CommitConnection {
  let current: Promise<Client> | undefined
  let isClosing = false
  const forget = (): void => void (current = undefined)
  const connect = async (): Promise<Client> => {
    const client = new Client({
      ...config,
      options: `${config.options ?? ''} ${SETTINGS}`,
      pipeline: true,
    })
    client.on('error', (fault) => {
      // A server may answer the goodbye by dropping the line.
      if (!isClosing) log.warn('sql.commit-connection-lost', { reason: fault.message })
      forget()
    })
    client.on('end', forget)
    try {
      await client.connect()
    } catch (fault) {
      forget()
      throw new CommitUnknownError(fault)
    }
    return client
  }
  return {
    async transaction(work) {
      return runPipelined(await (current ??= connect()), work)
    },
    async close() {
      isClosing = true
      const [open] = await Promise.allSettled([current])
      if (open.status === 'fulfilled') await open.value?.end()
    },
  }
}

async function runPipelined<Value>(
  client: Client,
  work: (sql: Sql) => Promise<Value>,
): Promise<Value> {
  const { sql, sent } = track(bindSql(client))
  const begun = sql.query({ text: 'begin' })
  let value: Value
  try {
    value = await work(sql)
  } catch (fault) {
    await client.query('rollback').catch(ignore)
    // A fault of a statement is what went wrong; without one, the work itself changed its mind.
    const first = await firstFault([begun, ...sent])
    throw first === undefined ? fault : nameLoss(first.reason)
  }
  const committed = client.query('commit')
  committed.catch(ignore)
  try {
    await Promise.all(sent)
    const { command } = await committed
    // A transaction that failed is rolled back by its own commit.
    if (command !== 'COMMIT')
      throw new CommitUnknownError(new Error(`the server answered ${command}`))
    return value
  } catch (fault) {
    await committed.catch(ignore)
    throw nameLoss(toSqlError(fault))
  }
}

/** Keeps every statement's promise, so that one nobody awaits still fails the transaction. */
function track(inner: Sql): { readonly sql: Sql; readonly sent: Promise<unknown>[] } {
  const sent: Promise<unknown>[] = []
  const query = <Row>(statement: Statement): Promise<readonly Row[]> => {
    const answer = inner.query<Row>(statement)
    answer.catch(ignore)
    sent.push(answer)
    return answer
  }
  return { sql: { query }, sent }
}

/** What went wrong first: a later fault may only say that the transaction had failed already. */
async function firstFault(
  sent: readonly Promise<unknown>[],
): Promise<PromiseRejectedResult | undefined> {
  const outcomes = await Promise.allSettled(sent)
  return outcomes.find((outcome) => outcome.status === 'rejected')
}

function nameLoss(fault: unknown): unknown {
  return isConnectionLoss(fault) ? new CommitUnknownError(fault) : fault
}

/** Faults are reported where the statement is awaited, or by the transaction. */
function ignore(): void {}
