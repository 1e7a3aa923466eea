import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createSeededRandom } from '../../src/kernel/random.ts'

import { createSeat } from './crew.ts'
import { direct, POINTS, type Strike } from './director.ts'
import type { Fault } from './messages.ts'
import { createPlayer, pause, type Player } from './play.ts'
import { type HostName, openStage, type Stage } from './stage.ts'
import { judge, type Verdict } from './verdict.ts'

/** How runs are disturbed. */
export interface Disturbance {
  readonly host: HostName
  readonly seed: number
  readonly runs: number
  readonly faults: readonly Fault[]
  readonly workers: number
  /** Runs that go on at once. */
  readonly width: number
  /** Acts of all workers between two faults of one of them. */
  readonly every: number
  /** The program of a worker, compiled. */
  readonly program: string
  readonly say: (line: string) => void
}

/** What became of it. */
export interface Report extends Verdict {
  readonly runs: number
  readonly seconds: number
  readonly strikes: readonly Strike[]
  /** How often workers came to each point. */
  readonly passes: ReadonlyMap<string, number>
}

/** When all is calm again, every run must end within this time. */
const CALM_MS = 120_000
/** Points that only workers of the host `postgres` come to. */
const OF_QUEUE = /^(?:lease|answer)\./

/** Runs random workflows while faults meet their workers, and judges what comes of them. */
export async function disturb(disturbance: Disturbance): Promise<Report> {
  const { host, seed, runs, workers, program, say } = disturbance
  const began = performance.now()
  const stage = await openStage(host, workers)
  try {
    const before = (await stage.platform.ledger.findBalance('default'))?.available ?? 0n
    const player = createPlayer(stage, createSeededRandom(seed))
    const files = {
      acts: join(stage.dataDir, 'acts.log'),
      passes: join(stage.dataDir, 'passes.log'),
    }
    const fallen: string[] = []
    const seats = stage.places.map(({ settings }) =>
      createSeat(program, { settings, ...files, skewMs: 0 }, (why) => void fallen.push(why)),
    )
    let strikes: readonly Strike[] = []
    try {
      await Promise.all(seats.map((seat) => seat.start(0)))
      say(`${workers} workers on ${host}, seed ${seed}`)
      strikes = await playDisturbed(disturbance, {
        stage,
        seats,
        player,
        countActs: createLineCounter(files.acts),
      })
      await untilCalm(player, say)
    } finally {
      await Promise.all(seats.map((seat) => seat.end()))
    }
    const acts = await linesOf(files.acts)
    const passes = countOf(await linesOf(files.passes))
    const verdict = await judge({ platform: stage.platform, played: player.played, acts, before })
    const seconds = (performance.now() - began) / 1_000
    const deviations = [...fallen, ...verdict.deviations]
    return { ...verdict, deviations, runs, seconds, strikes, passes }
  } finally {
    await stage.close()
  }
}

interface Cast {
  readonly stage: Stage
  readonly seats: readonly ReturnType<typeof createSeat>[]
  readonly player: Player
  readonly countActs: () => Promise<number>
}

/** Keeps `width` runs going until all have begun, while every worker meets one fault after another. */
async function playDisturbed(
  { host, seed, runs, faults, width, every, say }: Disturbance,
  { stage, seats, player, countActs }: Cast,
): Promise<readonly Strike[]> {
  const strikes: Strike[] = []
  const began = performance.now()
  let isOver = false
  const points = host === 'restate' ? POINTS.filter((point) => !OF_QUEUE.test(point)) : POINTS
  const directing = seats.map((seat, n) =>
    faults.length === 0
      ? Promise.resolve()
      : direct(
          {
            seat,
            place: stage.places[n] ?? { settings: {}, links: [] },
            outages: stage.outages,
            random: createSeededRandom(seed + 1 + n),
            faults,
            points,
            every,
            countActs,
          },
          () => isOver,
          (strike) => void strikes.push(strike),
        ),
  )
  const directed = Promise.all(directing)
  directed.catch(() => undefined)
  let said = 0
  while (player.played.length < runs) {
    const pending = await player.pending()
    const room = Math.min(width - pending, runs - player.played.length)
    for (let n = 0; n < room; n++) await player.begin()
    if (player.played.length >= said + 50) {
      said = player.played.length
      say(
        `${((performance.now() - began) / 1_000).toFixed(0)} s: ${said} of ${runs} runs begun, ${pending} open, ${strikes.length} faults`,
      )
    }
    await pause(40)
  }
  isOver = true
  await directed
  return strikes
}

async function untilCalm(player: Player, say: (line: string) => void): Promise<void> {
  const since = performance.now()
  for (;;) {
    const pending = await player.pending()
    if (pending === 0) break
    if (performance.now() - since > CALM_MS) {
      say(`${pending} runs have not ended ${CALM_MS / 1_000} s after the last fault`)
      return
    }
    await pause(100)
  }
  await player.settled()
  // Who drove the last of them gives it up a moment later.
  await pause(500)
}

/** Counts the lines of a file that grows, without reading any of them twice. */
function createLineCounter(path: string): () => Promise<number> {
  let read = 0
  let lines = 0
  return async () => {
    if (!existsSync(path)) return 0
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size > read) {
        const { buffer, bytesRead } = await file.read({
          position: read,
          length: size - read,
          buffer: Buffer.alloc(size - read),
        })
        read += bytesRead
        for (const byte of buffer.subarray(0, bytesRead)) if (byte === 10) lines++
      }
      return lines
    } finally {
      await file.close()
    }
  }
}

async function linesOf(path: string): Promise<readonly string[]> {
  return existsSync(path) ? (await readFile(path, 'utf8')).split('\n').filter(Boolean) : []
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
