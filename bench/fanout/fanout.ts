import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { type Bench, type Figure, figureOf } from '../lib/report.ts'

/** What a fan-out took. */
export interface Fan {
  readonly seconds: number
  /** Memory of the process before and at its most, MiB. */
  readonly idleMb: number
  readonly peakMb: number
}

const SIZES = [10_000, 100_000] as const
const QUICK = [1_000, 10_000] as const
const ROUNDS = 3
/** tsx runs the program from its source. */
const ARGS = ['--import', 'tsx', join(import.meta.dirname, 'fan-main.ts')]

/** Memory of a worker while one step runs over many items. */
export const fanoutBench: Bench = {
  name: 'fanout',
  about: 'one step over 10,000 and 100,000 items: memory at its most, steps a second',
  async run({ isQuick, say }) {
    const figures: Figure[] = []
    for (const items of isQuick ? QUICK : SIZES) {
      const fans: Fan[] = []
      for (let round = 0; round < (isQuick ? 1 : ROUNDS); round++) {
        const fan = await measure(items)
        fans.push(fan)
        say(`${items} items: ${fan.peakMb.toFixed(0)} MiB, ${fan.seconds.toFixed(1)} s`)
      }
      figures.push(
        figureOf(
          { metric: `fanout_peak_mb.${items}`, unit: 'MiB', better: 'lower' },
          fans.map(({ peakMb }) => peakMb),
        ),
        figureOf(
          { metric: `fanout_steps_per_s.${items}`, unit: 'steps/s', better: 'higher' },
          fans.map(({ seconds }) => items / seconds),
        ),
      )
    }
    return figures
  },
}

async function measure(items: number): Promise<Fan> {
  const { stdout } = await promisify(execFile)(process.execPath, [...ARGS, String(items)])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Fan
}
