import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

import type { Findings } from './findings.ts'
import { stepNames, workflowName } from './names.ts'

/** A task as far as its place in the graph goes. */
interface Task {
  readonly id: string
  readonly name: string
  readonly parents: readonly string[]
  readonly children: readonly string[]
}

/**
 * The graph of a WfFormat 1.5 instance: a step for each task that says what the task was, with the
 * time it took as the time it is expected to take.
 *
 * @remarks Source: WfCommons WfFormat (docs/sources.md#wfformat). The steps do not do the work:
 * an instance tells of a run, and the programs and files are not in it.
 */
export function convertWfFormat(document: JsonObject, findings: Findings): JsonObject {
  const workflow = asObject(document['workflow'])
  const tasks = readTasks(asObject(workflow['specification']), findings)
  const executions = readExecutions(asObject(workflow['execution']))
  const names = stepNames(tasks.map(({ id }) => id))
  const needs = needsOf(tasks, findings)
  const steps = tasks.map(({ id, name }): [string, Json] => {
    const { seconds, cores, memoryBytes, program } = executions.get(id) ?? {}
    if (seconds === undefined)
      findings.warn('/workflow/execution/tasks', `task "${id}" has no runtime`)
    const needed = (needs.get(id) ?? []).flatMap((each) => names.get(each) ?? [])
    return [
      names.get(id) ?? id,
      {
        uses: 'transform',
        with: { value: { task: name, ...(program !== undefined && { program }) } },
        ...(needed.length > 0 && { needs: needed }),
        ...(seconds !== undefined && {
          resources: {
            seconds,
            ...(cores !== undefined && { cpu_cores: cores }),
            ...(memoryBytes !== undefined && { memory_gb: memoryBytes / 1_073_741_824 }),
          },
        }),
      },
    ]
  })
  const { name, description } = document
  return {
    apiVersion: 'prsm/v1',
    name: workflowName(typeof name === 'string' ? name : undefined),
    ...(typeof description === 'string' && { description: description.slice(0, 10_000) }),
    steps: Object.fromEntries(steps),
  }
}

function readTasks({ tasks }: JsonObject, findings: Findings): readonly Task[] {
  if (!Array.isArray(tasks) || tasks.length === 0) {
    findings.error('/workflow/specification/tasks', 'there is no list of tasks')
    return []
  }
  const seen = new Set<string>()
  return tasks.flatMap((task: Json, index) => {
    const path = `/workflow/specification/tasks/${index}`
    const { id, name, parents, children } = asObject(task)
    if (typeof id !== 'string' || id === '' || seen.has(id)) {
      findings.error(path, typeof id === 'string' ? `"${id}" stands twice` : 'the task has no id')
      return []
    }
    seen.add(id)
    const title = typeof name === 'string' ? name : id
    return [{ id, name: title, parents: textsIn(parents), children: textsIn(children) }]
  })
}

/** Both sides of an edge may tell of it. */
function needsOf(
  tasks: readonly Task[],
  findings: Findings,
): ReadonlyMap<string, readonly string[]> {
  const needs = new Map(tasks.map(({ id }) => [id, new Set<string>()]))
  for (const [index, { id, parents, children }] of tasks.entries()) {
    const path = `/workflow/specification/tasks/${index}`
    for (const parent of parents) {
      if (needs.has(parent)) needs.get(id)?.add(parent)
      else findings.error(`${path}/parents`, `there is no task "${parent}"`)
    }
    for (const child of children) {
      const of = needs.get(child)
      if (of === undefined) findings.error(`${path}/children`, `there is no task "${child}"`)
      else of.add(id)
    }
  }
  return new Map([...needs].map(([id, parents]) => [id, [...parents]]))
}

interface Execution {
  readonly seconds?: number
  readonly cores?: number
  readonly memoryBytes?: number
  readonly program?: string
}

/** Longest time that a step can be said to take, and most cores and memory. */
const LIMITS = { seconds: 31_536_000, cores: 1_024, memoryBytes: 65_536 * 1_073_741_824 }

function readExecutions({ tasks }: JsonObject): ReadonlyMap<string, Execution> {
  if (!Array.isArray(tasks)) return new Map()
  return new Map(
    tasks.map((task: Json) => {
      const { id, runtimeInSeconds, coreCount, memoryInBytes, command } = asObject(task)
      const { program } = asObject(command)
      const seconds = numberWithin(runtimeInSeconds, LIMITS.seconds)
      const cores = numberWithin(coreCount, LIMITS.cores)
      const memoryBytes = numberWithin(memoryInBytes, LIMITS.memoryBytes)
      const execution: Execution = {
        ...(seconds !== undefined && { seconds }),
        ...(cores !== undefined && { cores }),
        ...(memoryBytes !== undefined && { memoryBytes }),
        ...(typeof program === 'string' && { program }),
      }
      return [typeof id === 'string' ? id : '', execution] as const
    }),
  )
}

function numberWithin(value: Json | undefined, most: number): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= most ? value : undefined
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string')
    : []
}
