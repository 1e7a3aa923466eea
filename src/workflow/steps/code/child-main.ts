/**
 * Entry of the process that runs an author's module; started by `fork-child.ts`.
 *
 * @module
 */
import { callModule, createCheckpoint, strayFault } from './child-call.ts'
import { captureOutput } from './child-output.ts'
import type { ChildEnding, FromChild, ModuleCall, ToChild } from './protocol.ts'
import { startWatchdog } from './watchdog.ts'

const [, , parentPid = '0', memoryMb = '0'] = process.argv
const watchdog = startWatchdog({ parentPid: Number(parentPid), memoryMb: Number(memoryMb) })

// Taken before the author's code can replace it; a message that finds no parent is of no use.
const transmit = process.send?.bind(process)
const send = (message: FromChild): void => void transmit?.(message, () => undefined)
const output = captureOutput(send)

/** The call that is running. */
interface Running {
  readonly abort: AbortController
  readonly cpu: NodeJS.CpuUsage
  readonly resources: readonly string[]
}

let running: Running | undefined

process.on('message', (message) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parent speaks this protocol
  const told = message as ToChild
  if (told.kind === 'call') void begin(told.call)
  else running?.abort.abort(new Error(told.reason))
})
process.on('disconnect', () => process.exit(0))
process.on('uncaughtException', (fault) => end(strayFault(fault), false))
// Nothing is left that could ever settle the function's promise.
process.on('beforeExit', () => end({ kind: 'never-settled' }, false))

async function begin(call: ModuleCall): Promise<void> {
  const mine: Running = {
    abort: new AbortController(),
    cpu: process.cpuUsage(),
    resources: process.getActiveResourcesInfo(),
  }
  running = mine
  output.restart()
  watchdog.allow(call.maxCoreMs)
  // From here on, only what the author's code waits for keeps the process alive.
  process.channel?.unref()
  const checkpoint = createCheckpoint(call.checkpoint, (json) => {
    if (running === mine) send({ kind: 'checkpoint', json })
  })
  const context = { signal: mine.abort.signal, log: output.log, checkpoint }
  const ending = await callModule(call, context)
  if (running === mine) end(ending, isSubset(process.getActiveResourcesInfo(), mine.resources))
}

/** Tells how the call ended, once. */
function end(ending: ChildEnding, isClean: boolean): void {
  if (running === undefined) return
  const { user, system } = process.cpuUsage(running.cpu)
  running = undefined
  watchdog.allow(Number.POSITIVE_INFINITY)
  process.channel?.ref()
  send({ kind: 'ended', ending, coreMs: Math.ceil((user + system) / 1_000), isClean })
}

function isSubset(some: readonly string[], all: readonly string[]): boolean {
  const rest = [...all]
  return some.every((item) => {
    const index = rest.indexOf(item)
    if (index >= 0) rest.splice(index, 1)
    return index >= 0
  })
}
