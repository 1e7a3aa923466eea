import { dependentsOf } from '../../src/progress/estimate/schedule.ts'
import type { TaskGraph } from '../makespan/policies.ts'

/** One task of a run that was, or will be, at one time. */
export interface TracedTask {
  /** The program, which tasks of one kind share. */
  readonly step: string
  readonly needs: readonly number[]
  readonly ms: number
  readonly startMs: number
  readonly endMs: number
}

/** A workflow instance as it ran on some slots. */
export interface Trace {
  /** Instances of one workflow share it. */
  readonly workflow: string
  readonly slots: number
  readonly tasks: readonly TracedTask[]
  readonly makespanMs: number
}

/** Runs an instance on some slots, whatever needs most further levels first. */
export function traceOf(graph: TaskGraph, slots: number): Trace {
  const ids = [...graph.tasks.keys()]
  const places = new Map(ids.map((id, place) => [id, place]))
  const tasks = [...graph.tasks.values()].map(({ seconds, parents }) => ({
    ms: seconds * 1_000,
    needs: parents.flatMap((parent) => places.get(parent) ?? []),
  }))
  const dependents = dependentsOf(tasks)
  const levels = levelsBelow(dependents)
  const left = tasks.map(({ needs }) => needs.length)
  const starts = tasks.map(() => 0)
  let ready = left.flatMap((count, place) => (count === 0 ? [place] : []))
  let running: number[] = []
  const endOf = (place: number): number => (starts[place] ?? 0) + (tasks[place]?.ms ?? 0)
  let now = 0
  while (ready.length + running.length > 0) {
    ready = ready.toSorted((a, b) => (levels[b] ?? 0) - (levels[a] ?? 0))
    const begin = ready.slice(0, slots - running.length)
    ready = ready.slice(begin.length)
    for (const place of begin) starts[place] = now
    running = [...running, ...begin].toSorted((a, b) => endOf(a) - endOf(b))
    const [first = 0, ...rest] = running
    running = rest
    now = endOf(first)
    for (const dependent of dependents[first] ?? []) {
      left[dependent] = (left[dependent] ?? 0) - 1
      if (left[dependent] === 0) ready.push(dependent)
    }
  }
  return {
    workflow: graph.title.toLowerCase().replace(/(?<=\D)-?\d.*$/, ''),
    slots,
    makespanMs: now,
    tasks: tasks.map(({ ms, needs }, place) => ({
      step: programOf(ids[place] ?? ''),
      needs,
      ms,
      startMs: starts[place] ?? 0,
      endMs: endOf(place),
    })),
  }
}

/** Ids of tasks end in a number of the task: `mProject_ID0000001`, `FASTQC_2`. */
function programOf(id: string): string {
  return id.replace(/_(?:ID)?\d+$/, '')
}

function levelsBelow(dependents: readonly (readonly number[])[]): readonly number[] {
  const levels: (number | undefined)[] = dependents.map(() => undefined)
  const levelOf = (place: number): number =>
    (levels[place] ??= 1 + Math.max(0, ...(dependents[place] ?? []).map(levelOf)))
  return dependents.map((_, place) => levelOf(place))
}
