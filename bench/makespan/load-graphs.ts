import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { TaskGraph } from './policies.ts'

interface Instance {
  readonly name?: string
  readonly workflow: {
    readonly specification: {
      readonly tasks: readonly {
        readonly id: string
        readonly name?: string
        readonly parents: readonly string[]
      }[]
    }
    readonly execution: {
      readonly tasks: readonly {
        readonly id: string
        readonly runtimeInSeconds: number
        readonly command?: { readonly program?: string }
      }[]
    }
  }
}

/** Every WfFormat 1.5 file of a folder, whatever it is called. */
export function loadGraphs(folder: string): readonly TaskGraph[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  )
  return files.toSorted().flatMap((name) => {
    const parsed = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<Instance>
    return parsed.workflow?.specification === undefined ? [] : [toGraph(name, parsed as Instance)]
  })
}

function toGraph(file: string, { name = file, workflow }: Instance): TaskGraph {
  const executed = new Map(workflow.execution.tasks.map((task) => [task.id, task]))
  const tasks = new Map(
    workflow.specification.tasks.map(({ id, name: own = id, parents }) => {
      const { runtimeInSeconds = 0, command } = executed.get(id) ?? {}
      // Tasks that the trace rounds to nothing still take a moment.
      const taken = Math.max(0.001, runtimeInSeconds)
      return [id, { seconds: taken, parents, program: programOf(own, command?.program) }]
    }),
  )
  return { name: file, title: name, tasks }
}

/** The program's name; of a task whose program is a whole script, its own name without its number. */
function programOf(own: string, program = ''): string {
  return /^\S+$/.test(program) ? program : own.replace(/[_-]?(?:ID)?\d+$/, '')
}
