import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createSeededRandom, integerBelow, type Random } from '../../src/kernel/random.ts'

import { type Case, CASES } from './cases.ts'
import { play, type Played } from './play.ts'
import type { Stage } from './stage.ts'

/** Kills of the worker and of the server in all: too few for any step to be given up as poison. */
const KILLS = 4
const SEED = 20_261_125
/** Runs of each case while things are killed. */
const COPIES = 2
const CASE_MS = 60_000
const LIMIT_MS = 60_000 + KILLS * 40_000

/** A host that the suite is run over. */
export interface ConformanceHost {
  readonly name: string
  /** Why it cannot be opened here. */
  readonly isLeftOutFor?: string | undefined
  readonly open: () => Promise<Stage>
}

/** Runs every case on one host, undisturbed and while its processes are killed. */
export function conformance({ name, isLeftOutFor: reason, open }: ConformanceHost): void {
  const title = reason === undefined ? name : `${name}, left out: ${reason}`
  const suite = reason === undefined ? describe : describe.skip
  suite(title, () => {
    let stage: Stage
    let before = 0n
    const undisturbed = new Map<Case, Promise<Played>>()
    const spent: bigint[] = []
    beforeAll(async () => {
      stage = await open()
      before = await available(stage)
      await stage.startWorker()
      for (const each of CASES) undisturbed.set(each, play(stage, each))
      // Each test waits for its own; one that nobody has come to yet may fail meanwhile.
      for (const played of undisturbed.values()) played.catch(() => undefined)
    }, LIMIT_MS)
    afterAll(() => stage?.close(), LIMIT_MS)

    test.each(CASES)(
      '$name',
      async (each) => {
        const played = await undisturbed.get(each)
        spent.push(played?.run.cost ?? 0n)
        expect(played?.outcome).toEqual(each.expected)
      },
      CASE_MS,
    )

    test(
      `${KILLS} kills at random points change no outcome, and nothing acts under another key`,
      async () => {
        const playing = Array.from({ length: COPIES }, () => CASES)
          .flat()
          .map(async (each) => ({ each, played: await play(stage, each) }))
        const all = Promise.all(playing)
        await killAtRandom(stage, createSeededRandom(SEED))
        for (const { each, played } of await all) {
          const { acts, ...outcome } = played.outcome
          const { acts: expected, ...rest } = each.expected
          spent.push(played.run.cost)
          expect([each.name, outcome]).toEqual([each.name, rest])
          expect([each.name, Object.keys(acts).toSorted()]).toEqual([
            each.name,
            Object.keys(expected).toSorted(),
          ])
        }
      },
      LIMIT_MS,
    )

    test('what was paid is what the runs have cost, and nothing is left over', async () => {
      const total = spent.reduce((sum, cost) => sum + cost, 0n)
      expect(before - (await available(stage))).toBe(total)
      const { ledger, database } = stage.platform
      expect(await ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
      const count = async (text: string): Promise<unknown> =>
        (await database.database.query<{ n: number }>({ text }))[0]?.n
      expect(await count('select count(*)::int as n from holds where is_open')).toBe(0)
      expect(await count('select count(*)::int as n from signals')).toBe(0)
      const held =
        'select count(*)::int as n from runs where owner is not null or wake_ms is not null'
      await expect.poll(() => count(held), { timeout: 10_000 }).toBe(0)
    })
  })
}

async function available({ platform }: Stage): Promise<bigint> {
  return (await platform.ledger.findBalance('default'))?.available ?? 0n
}

/** Kills the worker, and in every third turn the server instead, after a random time at work. */
async function killAtRandom(stage: Stage, random: Random): Promise<void> {
  for (let killed = 0; killed < KILLS; killed++) {
    await new Promise((resolve) => setTimeout(resolve, 20 + integerBelow(random, 500)))
    if (killed % 3 === 2 && stage.killServer !== undefined) await stage.killServer()
    else {
      await stage.killWorker()
      await stage.startWorker()
    }
  }
}
