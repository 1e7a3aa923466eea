import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'

/** A TCP address of the loopback interface that leads elsewhere, for as long as it is not cut. */
export interface Link {
  readonly port: number
  /** From now on nothing passes, in either direction; connections stay open. */
  stall(): void
  /** What was held up passes on. */
  heal(): void
  /** Breaks every connection, and lets new ones through. */
  cut(): void
  close(): Promise<void>
}

/**
 * Opens a link.
 *
 * @param route - where a new connection leads; `undefined`: nowhere, it is refused.
 */
export async function openLink(route: () => NetConnectOpts | undefined): Promise<Link> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let isStalled = false
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.destroy()
      far.destroy()
    }
  }
  const heal = (): void => {
    // What passes already would pass twice.
    if (!isStalled) return
    isStalled = false
    for (const [near, far] of pairs) pass(near, far)
  }
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const target = route()
    if (target === undefined) {
      near.destroy()
      return
    }
    const far = connect(target)
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => to.destroy())
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
    if (!isStalled) pass(near, far)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    stall() {
      isStalled = true
      for (const [near, far] of pairs) {
        for (const socket of [near, far]) {
          socket.unpipe()
          socket.pause()
        }
      }
    },
    heal,
    cut() {
      isStalled = false
      cut()
    },
    async close() {
      cut()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

function pass(near: Socket, far: Socket): void {
  near.pipe(far)
  far.pipe(near)
}
