import type { StepGraph } from '../graph.ts'

/** How the units of a run wait for one another. */
export interface Wiring {
  /** For each unit the places of what it waits for. */
  readonly needs: readonly (readonly number[])[]
  /**
   * One more place per step, behind those of the units: it is reached when all of the step's units
   * have ended, or what a step without units waits for.
   */
  readonly joins: readonly (readonly number[])[]
}

/**
 * Connects units by the graph of their steps.
 *
 * @remarks Through one join per step: a list that needs a list costs no edge per pair of items.
 */
export function wire(graph: StepGraph, units: readonly { readonly step: string }[]): Wiring {
  const members: number[][] = graph.plans.map(() => [])
  for (const [place, { step }] of units.entries()) {
    members[graph.places.get(step) ?? -1]?.push(place)
  }
  const joinsOf = (step: number): readonly number[] =>
    (graph.plans[step]?.needs ?? []).flatMap((need) => {
      const place = graph.places.get(need)
      return place === undefined ? [] : [units.length + place]
    })
  const before = graph.plans.map((_, step) => joinsOf(step))
  return {
    needs: units.map(({ step }) => before[graph.places.get(step) ?? -1] ?? []),
    joins: members.map((own, step) => (own.length > 0 ? own : (before[step] ?? []))),
  }
}
