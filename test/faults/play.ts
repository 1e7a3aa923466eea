import { PlatformError } from '../../src/kernel/errors.ts'
import { toMicroFtns } from '../../src/kernel/money.ts'
import { integerBelow, type Random } from '../../src/kernel/random.ts'
import type { Workflows } from '../../src/workflow/index.ts'

import { anyGraph, definitionOf, type Graph } from './graph.ts'
import { outcomeOf } from './outcome.ts'
import type { Stage } from './stage.ts'

const TENANT = 'default'
const BY = 'somebody'
const LOOK_EVERY_MS = 100

/** A run of a workflow whose outcome is known. */
export interface Played {
  readonly id: string
  readonly graph: Graph
}

/** Begins random runs, and does to them what their graphs say. */
export interface Player {
  /** Begins a run. */
  begin(): Promise<Played>
  /** Runs of these that have not ended. */
  pending(): Promise<number>
  readonly played: readonly Played[]
  /** Resolves when what is being done to runs is done. */
  settled(): Promise<void>
}

/** Builds a player. */
export function createPlayer({ platform }: Pick<Stage, 'platform'>, random: Random): Player {
  const { workflows } = platform
  const { database } = platform.database
  const played: Played[] = []
  const deeds: Promise<void>[] = []
  const open = new Set<string>()
  return {
    played,
    async begin() {
      const graph = anyGraph(random)
      const id = `run_${hex(random)}${hex(random)}${hex(random)}` as const
      const budget = toMicroFtns(outcomeOf(graph).cost * 2n + 1_000n)
      const definition = definitionOf(graph)
      await again(() => workflows.submit({ tenant: TENANT, definition, inputs: {}, id, budget }))
      const one = { id, graph }
      played.push(one)
      open.add(id)
      deeds.push(...deedsOf(platform, one, integerBelow(random, 400)))
      return one
    },
    async pending() {
      const rows = await again(() =>
        database.query<{ id: string }>({
          text: 'select id from runs where id = any($1) and ended_ms is not null',
          values: [[...open]],
        }),
      )
      for (const { id } of rows) open.delete(id)
      return open.size
    },
    settled: async () => void (await Promise.all(deeds)),
  }
}

function hex(random: Random): string {
  return random.uint32().toString(16).padStart(8, '0')
}

function deedsOf(
  platform: Stage['platform'],
  { id: run, graph }: Played,
  cancelAfterMs: number,
): readonly Promise<void>[] {
  const { workflows } = platform
  const { pauseAfterMs } = graph
  const deeds: Promise<void>[] = []
  for (const { name, work } of graph.nodes) {
    if (work.kind === 'letter') {
      const letter = { tenant: TENANT, run, by: BY, signal: name, payload: work.value }
      const id = `sig_${run}_${name}` as const
      deeds.push(pause(work.afterMs).then(() => tryOn(() => workflows.signal({ ...letter, id }))))
    }
    if (work.kind === 'never')
      deeds.push(pause(cancelAfterMs).then(() => cancelWhenWaiting(platform, run, name)))
  }
  if (pauseAfterMs !== undefined)
    deeds.push(pause(pauseAfterMs).then(() => pauseAndResume(workflows, run)))
  return deeds
}

async function cancelWhenWaiting(
  { database: { database }, workflows }: Stage['platform'],
  run: string,
  step: string,
): Promise<void> {
  const text = `select 1 from events where stream = $1 and kind = 'step.waiting' and data ->> 'step' = $2`
  while ((await again(() => database.query({ text, values: [run, step] }))).length === 0)
    await pause(LOOK_EVERY_MS)
  await tryOn(() => workflows.control(TENANT, run, { action: 'cancel', by: BY }))
}

async function pauseAndResume(workflows: Workflows, run: string): Promise<void> {
  await tryOn(() => workflows.control(TENANT, run, { action: 'pause', by: BY }))
  for (;;) {
    const { status, endedAt } = await again(() => workflows.getRun(TENANT, run))
    if (endedAt !== undefined) return
    if (status === 'paused') break
    await pause(LOOK_EVERY_MS)
  }
  await tryOn(() => workflows.control(TENANT, run, { action: 'resume', by: BY }))
}

/** Does it, unless the run has ended meanwhile. */
async function tryOn(deed: () => Promise<unknown>): Promise<void> {
  try {
    await again(deed)
  } catch (fault) {
    if (!(fault instanceof PlatformError) || fault.code !== 'workflow.not-possible') throw fault
  }
}

/** Repeats what fails because a server is away. */
export async function again<Value>(work: () => Promise<Value>): Promise<Value> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (fault) {
      const isAbsence =
        fault instanceof PlatformError && /^(?:sql\.|workflow\.not-begun)/.test(fault.code)
      if (tries === 1_000 || !isAbsence) throw fault
      await pause(LOOK_EVERY_MS)
    }
  }
}

/** Resolves after some time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
