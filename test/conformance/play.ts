import { PlatformError } from '../../src/kernel/errors.ts'
import type { Json } from '../../src/kernel/json.ts'
import { toMicroFtns } from '../../src/kernel/money.ts'
import type { RunEvent, RunRecord, Workflows } from '../../src/workflow/index.ts'

import type { Case, Hand, Outcome } from './cases.ts'
import type { Stage } from './stage.ts'

const TENANT = 'default'
const LOOK_EVERY_MS = 40

/** A run of a case, and what came of it. */
export interface Played {
  readonly run: RunRecord
  readonly outcome: Outcome
}

/** Begins a run of the case, does to it what the case says, and waits for its end. */
export async function play(stage: Stage, { definition, budget, act }: Case): Promise<Played> {
  const workflows = patient(stage)
  const id = `run_${crypto.randomUUID().replaceAll('-', '').slice(0, 26)}` as const
  await workflows.submit({
    tenant: TENANT,
    definition,
    inputs: {},
    id,
    ...(budget !== undefined && { budget: toMicroFtns(budget) }),
  })
  await act?.(handOn(workflows, id))
  const run = await endOf(workflows, id)
  return { run, outcome: await outcomeOf(stage, workflows, run) }
}

/** Repeats what fails because a server is away. */
function patient({ platform: { workflows } }: Stage): Workflows {
  const again = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    for (let tries = 0; ; tries++) {
      try {
        return await work()
      } catch (fault) {
        if (tries === 500 || !isAbsence(fault)) throw fault
        await pause()
      }
    }
  }
  return {
    ...workflows,
    submit: (request) => again(() => workflows.submit(request)),
    getRun: (tenant, run) => again(() => workflows.getRun(tenant, run)),
    listEvents: (tenant, run) => again(() => workflows.listEvents(tenant, run)),
    control: (tenant, run, control) => again(() => workflows.control(tenant, run, control)),
    signal: (request) => again(() => workflows.signal(request)),
  }
}

function isAbsence(fault: unknown): boolean {
  return fault instanceof PlatformError && /^(?:sql\.|workflow\.not-begun)/.test(fault.code)
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
}

function handOn(workflows: Workflows, run: string): Hand {
  return {
    run,
    tenant: TENANT,
    workflows,
    async heard(kind, step) {
      for (;;) {
        const events = await eventsOf(workflows, run)
        if (events.some((event) => event.kind === kind && isOf(event, step))) return
        if (events.some(isEnding)) throw new Error(`run ${run} ended without ${kind}`)
        await pause()
      }
    },
    async outputOf(other) {
      await endOf(workflows, other)
      return outputIn(await eventsOf(workflows, other)) ?? null
    },
  }
}

function isOf({ data }: RunEvent, step: string | undefined): boolean {
  return step === undefined || ('step' in data && data.step === step)
}

function isEnding({ kind }: RunEvent): boolean {
  return kind === 'run.completed' || kind === 'run.failed' || kind === 'run.cancelled'
}

async function eventsOf(workflows: Workflows, run: string): Promise<readonly RunEvent[]> {
  return (await workflows.listEvents(TENANT, run)).map(({ event }) => event)
}

async function endOf(workflows: Workflows, run: string): Promise<RunRecord> {
  for (;;) {
    const record = await workflows.getRun(TENANT, run)
    if (record.endedAt !== undefined) return record
    await pause()
  }
}

async function outcomeOf(stage: Stage, workflows: Workflows, run: RunRecord): Promise<Outcome> {
  const events = await eventsOf(workflows, run.id)
  const output = outputIn(events)
  const undone = unitsOf(events, 'undo.completed')
  return {
    // The suite compares it with what a case may come to.
    status: run.status as Outcome['status'],
    ...(output !== undefined && { output }),
    ...(run.error !== undefined && { error: run.error.code }),
    cost: run.cost,
    completed: unitsOf(events, 'step.completed').toSorted(),
    ...(undone.length > 0 && { undone }),
    acts: countActs(await stage.acts(), run.id),
  }
}

function outputIn(events: readonly RunEvent[]): Json | undefined {
  const last = events.at(-1)
  return last?.kind === 'run.completed' ? last.data.output : undefined
}

function unitsOf(
  events: readonly RunEvent[],
  kind: 'step.completed' | 'undo.completed',
): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind !== kind) return []
    const { step, index } = event.data
    return [index === undefined ? step : `${step}[${index}]`]
  })
}

function countActs(keys: readonly string[], run: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const key of keys) {
    if (!key.startsWith(`${run}/`)) continue
    const name = key.slice(run.length + 1)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
