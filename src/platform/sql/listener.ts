import { Client, type ClientConfig } from 'pg'

import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'

import { toSqlError } from './faults.ts'

/** Wait before the first try to reconnect, milliseconds. */
const FIRST_RECONNECT_MS = 50
/** Longest wait between two tries to reconnect, milliseconds. */
const MAX_RECONNECT_MS = 2_000

/** Receives notifications on one connection of its own, which is opened on first use. */
export interface Listener {
  /**
   * Calls `receive` with the payload of every notification on `channel`.
   *
   * @remarks Notifications are hints: those sent while the connection is down are lost. After a
   * reconnect `receive` is called with an empty payload, so that the receiver looks for itself.
   * @returns what ends it.
   */
  listen(channel: string, receive: (payload: string) => void): Promise<() => void>
  close(): Promise<void>
}

interface ListenerDeps {
  readonly config: ClientConfig
  readonly clock: Clock
  readonly log: Log
}

type Receivers = Map<string, Set<(payload: string) => void>>

/** Builds a listener; it connects when the first channel is asked for. */
export function createListener({ config, clock, log }: ListenerDeps): Listener {
  const receivers: Receivers = new Map()
  let client: Promise<Client> | undefined
  let isClosed = false
  let delayMs = FIRST_RECONNECT_MS

  const connect = async (): Promise<Client> => {
    const fresh = await openListening(config, receivers)
    fresh.on('error', (fault) => lost(fresh, fault))
    fresh.on('end', () => lost(fresh, new Error('connection ended')))
    delayMs = FIRST_RECONNECT_MS
    return fresh
  }
  /** The first connection: when it cannot be made, the caller hears of it. */
  const begin = async (): Promise<void> => {
    try {
      await (client = connect())
    } catch (fault) {
      client = undefined
      receivers.clear()
      throw fault
    }
  }
  const lost = (which: Client, fault: Error): void => {
    which.removeAllListeners()
    which.on('error', ignore)
    if (isClosed) return
    log.warn('sql.listener-lost', { reason: fault.message })
    retry()
  }
  const retry = (): void => {
    clock.after(delayMs, () => {
      if (isClosed) return
      client = connect()
      client.then(
        () => wakeAll(receivers),
        () => retry(),
      )
    })
    delayMs = Math.min(delayMs * 2, MAX_RECONNECT_MS)
  }

  return {
    async listen(channel, receive) {
      const known = receivers.get(channel)
      if (known === undefined) receivers.set(channel, new Set([receive]))
      else known.add(receive)
      if (client === undefined) await begin()
      // While the connection is down this fails, and the next one listens to all channels anyway.
      else if (known === undefined)
        await client.then((open) => open.query(`listen ${quote(channel)}`)).catch(ignore)
      return () => void receivers.get(channel)?.delete(receive)
    },
    async close() {
      isClosed = true
      if (client === undefined) return
      const [open] = await Promise.allSettled([client])
      if (open.status === 'fulfilled') await open.value.end()
    },
  }
}

/** A connection that listens to every channel that somebody wants to hear. */
async function openListening(config: ClientConfig, receivers: Receivers): Promise<Client> {
  const fresh = new Client(config)
  // What goes wrong before it listens is told by the promise, and only there.
  fresh.on('error', ignore)
  fresh.on('notification', ({ channel, payload }) => deliver(receivers, channel, payload ?? ''))
  try {
    await fresh.connect()
    for (const channel of receivers.keys()) await fresh.query(`listen ${quote(channel)}`)
  } catch (fault) {
    fresh.end().catch(ignore)
    throw toSqlError(fault)
  }
  return fresh
}

function deliver(receivers: Receivers, channel: string, payload: string): void {
  for (const receive of receivers.get(channel) ?? []) receive(payload)
}

function wakeAll(receivers: Receivers): void {
  for (const channel of receivers.keys()) deliver(receivers, channel, '')
}

/** Told elsewhere, or made up for by the next connection. */
function ignore(): void {}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
