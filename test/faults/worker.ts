// The clock is false before anything else is loaded.
// oxlint-disable-next-line import/first
import { appendFileSync } from 'node:fs'

import { openPlatform } from '../../src/app/compose.ts'
import { config } from '../../src/app/config.ts'
import { effectKind } from '../support/effect-kind.ts'
import { realSurroundings } from '../support/platform.ts'

import type { Notice, Order, Point, WorkerArguments } from './messages.ts'
import { skewTime } from './skewed-time.ts'

/** A worker in a process of its own: `worker.ts ARGUMENTS`. */
const { settings, acts, passes, skewMs } = JSON.parse(process.argv[2] ?? '{}') as WorkerArguments
skewTime(skewMs)

let armed: (Extract<Order, { kind: 'arm' }> & { left: number }) | undefined
let goOn = (): void => undefined

const tell = (notice: Notice): void => void process.send?.(notice)

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'arm':
      armed = { ...order, left: order.skip }
      break
    case 'disarm':
      armed = undefined
      break
    case 'go':
      goOn()
      break
    case 'skew':
      skewTime(order.ms)
      break
    default:
      throw new TypeError('unknown order')
  }
})
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0))

async function reach(point: Point): Promise<void> {
  appendFileSync(passes, `${point}\n`)
  if (armed?.point !== point || armed.left-- > 0) return
  const { fault } = armed
  armed = undefined
  tell({ kind: 'struck', point, fault })
  if (fault === 'kill') process.kill(process.pid, 'SIGKILL')
  else if (fault === 'stop') process.kill(process.pid, 'SIGSTOP')
  else await new Promise<void>((resolve) => (goOn = resolve))
}

/** Steps, and undoings, that kill whoever does them. */
const DEADLY = /\/deadly$|_deadly\/undo$/

const kind = effectKind(async (key) => {
  appendFileSync(acts, `${key}\n`)
  if (DEADLY.test(key)) process.kill(process.pid, 'SIGKILL')
  await reach('effect.acted')
})
await openPlatform(config.parse(settings), realSurroundings(), {
  worker: 'all',
  kinds: [kind],
  reach,
})
// Where a host keeps nothing open by itself.
setInterval(() => undefined, 60_000)
tell({ kind: 'working' })
