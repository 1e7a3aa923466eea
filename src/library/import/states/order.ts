import type { JsonObject } from '../../../kernel/json.ts'
import { type Findings, pointerName } from '../findings.ts'

import { objectIn } from './expressions.ts'
import { nextOf } from './known-fields.ts'

/** The order of states, and the ways between them that are left out because they lead back. */
export interface StateOrder {
  readonly names: readonly string[]
  /** `FROM TO` */
  readonly back: ReadonlySet<string>
}

/** Puts each state after those it can follow upon. What leads back, or nowhere, is found. */
export function orderStates(
  { StartAt, States }: JsonObject,
  { path, findings }: { readonly path: string; readonly findings: Findings },
): StateOrder {
  const states = objectIn(States)
  const done: string[] = []
  const back = new Set<string>()
  const open = new Set<string>()
  const visit = (name: string): void => {
    open.add(name)
    for (const { to, at } of nextOf(objectIn(states[name]))) {
      const place = `${path}/States/${pointerName(name)}/${at}`
      if (states[to] === undefined) findings.error(place, `there is no state "${to}"`)
      else if (open.has(to)) {
        back.add(`${name} ${to}`)
        findings.error(
          place,
          `"${to}" comes before "${name}": steps do not lead back`,
          'write the loop as "repeat" or "forEach" of a step',
        )
      } else if (!done.includes(to)) visit(to)
    }
    open.delete(name)
    done.push(name)
  }
  if (typeof StartAt === 'string' && states[StartAt] !== undefined) visit(StartAt)
  else findings.error(`${path}/StartAt`, 'it names no state')
  for (const name of Object.keys(states)) {
    if (!done.includes(name))
      findings.error(
        `${path}/States/${pointerName(name)}`,
        'no way leads to this state; it is left out',
      )
  }
  return { names: done.toReversed(), back }
}
