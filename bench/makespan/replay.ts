import { z } from 'zod'

import { checkDefinition } from '../../src/workflow/definition/check.ts'
import { applyEvent } from '../../src/workflow/machine/apply.ts'
import { decideStart, decideSuccess } from '../../src/workflow/machine/decide-step.ts'
import { nextUnits } from '../../src/workflow/machine/ready.ts'
import { createRunState } from '../../src/workflow/machine/state.ts'
import { defineStepKind } from '../../src/workflow/steps/step-kind.ts'

import type { TaskGraph } from './policies.ts'

/** How a graph is replayed. */
export interface ReplayOptions {
  /** Steps at once. */
  readonly k: number
  /** Whether the definition states how long its steps take. */
  readonly isKnown: boolean
}

/** A task shows its program as a step of `code` shows its module; the replay runs nothing. */
const TASK = defineStepKind({
  name: 'task',
  summary: 'A task of a trace.',
  with: z.strictObject({ program: z.string() }),
  programBy: ['program'],
  run: async () => ({ output: null }),
})

/** Runs a graph through the state machine on a clock of its own; gives how long it took, seconds. */
export function replay(graph: TaskGraph, { k, isKnown }: ReplayOptions): number {
  const names = new Map([...graph.tasks.keys()].map((id, index) => [id, `t${index}`]))
  const durations = new Map(
    [...graph.tasks].map(([id, task]) => [names.get(id) ?? '', task.seconds * 1_000]),
  )
  const steps = Object.fromEntries(
    [...graph.tasks].map(([id, task]) => [
      names.get(id) ?? '',
      {
        uses: 'task',
        with: { program: task.program },
        needs: task.parents.map((parent) => names.get(parent) ?? ''),
        ...(isKnown && { resources: { seconds: task.seconds } }),
      },
    ]),
  )
  const value = { apiVersion: 'prsm/v1', name: 'replay', concurrency: k, steps }
  const kinds = new Map([[TASK.name, TASK]])
  const checked = checkDefinition({ value, file: undefined, place: () => undefined }, kinds)
  if (!checked.ok) throw new Error(`${graph.name}: ${checked.refusal[0]?.message ?? ''}`)
  const state = createRunState(checked.value)
  applyEvent(state, { kind: 'run.started', data: { worker: 'bench' } }, 0)
  const running: { readonly step: string; readonly end: number }[] = []
  let now = 0
  for (;;) {
    for (const { step } of nextUnits(state, { limit: k, busy: new Set(), now })) {
      for (const event of decideStart(state, { step }, 0n)) applyEvent(state, event, now)
      running.push({ step, end: now + (durations.get(step) ?? 0) })
    }
    running.sort((a, b) => a.end - b.end)
    const done = running.shift()
    if (done === undefined) break
    now = done.end
    const success = {
      output: null,
      isDone: true,
      ms: durations.get(done.step) ?? 0,
      now,
      usage: [],
      cost: 0n,
    }
    for (const event of decideSuccess(state, { step: done.step }, success))
      applyEvent(state, event, now)
  }
  if (state.settled !== graph.tasks.size)
    throw new Error(`${graph.name}: ${state.settled} of ${graph.tasks.size} steps were run`)
  return now / 1_000
}
