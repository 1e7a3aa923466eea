import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from './embedded-postgres.ts'

/** How often is looked whether the server still runs, milliseconds. */
const LOOK_EVERY_MS = 500

/**
 * Opens the PostgreSQL of a data directory, and opens it again whenever the server was killed.
 *
 * @remarks The next server answers at the same address, so connections that are made anew find it.
 * Nothing acknowledged is lost; what was under way fails as a lost connection.
 */
export async function keepEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<Omit<EmbeddedPostgres, 'isRunning'>> {
  const { clock, log } = options
  const first = await openEmbeddedPostgres(options)
  // A share in a killed server counts for the next one, and its socket is the one that is known.
  const shares = [first]
  const closing = new AbortController()
  let cancel: (() => void) | undefined
  let reopening: Promise<void> | undefined

  const reopen = async (): Promise<void> => {
    log.warn('sql.embedded-lost', { version: first.version })
    shares.push(await openEmbeddedPostgres({ ...options, signal: closing.signal }))
  }
  const look = async (): Promise<void> => {
    try {
      if (shares.at(-1)?.isRunning() === false) await (reopening = reopen())
    } catch (fault) {
      if (!closing.signal.aborted) log.error('sql.embedded-not-restarted', fault)
    }
    if (!closing.signal.aborted) arm()
  }
  const arm = (): void => void (cancel = clock.after(LOOK_EVERY_MS, () => void look()))
  arm()
  return {
    connection: first.connection,
    version: first.version,
    isStarter: first.isStarter,
    async close(how) {
      closing.abort(new Error('the database is being closed'))
      cancel?.()
      await Promise.allSettled([reopening])
      const [last, ...earlier] = shares.toReversed()
      for (const share of earlier) await share.close()
      await last?.close(how)
    },
  }
}
