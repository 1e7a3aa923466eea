import type { Json, JsonObject } from '../../../kernel/json.ts'
import { type Findings, pointerName } from '../findings.ts'
import { stepNames } from '../names.ts'

import type { ConvertedMachine, Edge, MachineContext } from './context.ts'
import { mark, objectIn } from './expressions.ts'
import { KNOWN_FIELDS, MACHINE_FIELDS } from './known-fields.ts'
import { orderStates, type StateOrder } from './order.ts'
import { convertState } from './state.ts'

/** Converts a state machine: each state becomes a step, each way between them a condition. */
export function convertMachine(machine: JsonObject, context: MachineContext): ConvertedMachine {
  const { findings, path } = context
  findings.unknown(path, machine, MACHINE_FIELDS)
  const order = orderStates(machine, context)
  const states = objectIn(machine['States'])
  const names = stepNames(order.names)
  const ways = new Map<string, Edge[]>(order.names.map((name) => [name, []]))
  const ends: Edge[] = []
  const variables = new Map(context.variables)
  const steps: Record<string, Json> = {}
  const language =
    typeof machine['QueryLanguage'] === 'string' ? machine['QueryLanguage'] : context.language
  for (const name of order.names) {
    const incoming = ways.get(name) ?? []
    const at = `${path}/States/${pointerName(name)}`
    const state = objectIn(states[name])
    checkFields(state, at, findings)
    const step = names.get(name) ?? name
    const made = convertState(state, {
      ...context,
      convertMachine,
      language,
      path: at,
      name,
      step,
      stepOf: (other) => names.get(other) ?? other,
      scope: { input: inputOf(incoming, context.input), variables, isInMap: context.isInMap },
      isSure: incoming.every(({ isSure }) => isSure) && incoming.length < 2,
      leadTo: (other, edge) => addWay(order, ways, { from: name, to: other, edge }),
      end: (edge) => void ends.push(edge),
      assign(variable, source) {
        if (variables.has(variable))
          findings.error(`${at}/Assign/${variable}`, `"${variable}" is assigned in several places`)
        variables.set(variable, source)
      },
    })
    const condition = conditionOf(incoming)
    for (const [key, value] of Object.entries(made)) {
      const when = key === step && condition !== undefined && { when: mark(condition) }
      steps[key] = { ...objectIn(value), ...when }
    }
  }
  return { steps, output: mark(inputOf(ends, 'null')) }
}

interface Way {
  readonly from: string
  readonly to: string
  readonly edge: Edge
}

function addWay({ back }: StateOrder, ways: Map<string, Edge[]>, { from, to, edge }: Way): void {
  if (!back.has(`${from} ${to}`)) ways.get(to)?.push(edge)
}

function checkFields(state: JsonObject, path: string, findings: Findings): void {
  const type = state['Type']
  const known = typeof type === 'string' ? KNOWN_FIELDS[type] : undefined
  if (known === undefined)
    findings.error(`${path}/Type`, `there is no type of state ${JSON.stringify(type ?? null)}`)
  else findings.unknown(path, state, known)
}

/** What comes in: that of the way which was taken. */
function inputOf(ways: readonly Edge[], start: string): string {
  const [only, ...others] = ways
  if (only === undefined) return start
  if (others.length === 0) return only.output
  return `(${only.condition} ? ${only.output} : ${inputOf(others, start)})`
}

/** When a state is entered; `undefined`: always. */
function conditionOf(ways: readonly Edge[]): string | undefined {
  if (ways.every(({ isSure }) => isSure)) return undefined
  return ways.map(({ condition }) => `(${condition})`).join(' or ')
}
