/** One step in the tree that a reader sees. */
export interface TreeRow {
  readonly step: string
  /** Steps above it, up to the one that needs nothing. */
  readonly depth: number
  /**
   * For each level from the outermost one to the row's own: whether no sibling follows. Levels
   * beyond the innermost {@link MAX_LEVELS} are left out.
   */
  readonly lasts: readonly boolean[]
  /** Needs beside the one under which the step stands. */
  readonly alsoNeeds: readonly string[]
}

/** Levels of a tree that are told apart; no screen has room for more. */
export const MAX_LEVELS = 24

/** What a layout depends on. */
export interface Laid {
  readonly name: string
  readonly needs: readonly string[]
  readonly weight: number
}

/**
 * Draws a graph as a tree: each step stands under the need it is expected to wait longest for.
 *
 * @param steps - each after what it needs.
 */
export function layOut(steps: readonly Laid[]): readonly TreeRow[] {
  const parents = findParents(steps)
  const children = new Map<string, Laid[]>(steps.map(({ name }) => [name, []]))
  const roots: Laid[] = []
  for (const step of steps) {
    const siblings = children.get(parents.get(step.name) ?? '') ?? roots
    siblings.push(step)
  }
  const rows: TreeRow[] = []
  // A stack of its own: a chain of thousands of steps is as deep as it is long.
  const stack: Entry[] = []
  pushAll(stack, roots, { depth: 0, lasts: [] })
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { step, depth, lasts } = top
    const parent = parents.get(step.name)
    const alsoNeeds = step.needs.filter((need) => need !== parent)
    rows.push({ step: step.name, depth, lasts, alsoNeeds })
    pushAll(stack, children.get(step.name) ?? [], { depth: depth + 1, lasts })
  }
  return rows
}

interface Level {
  readonly depth: number
  readonly lasts: readonly boolean[]
}

interface Entry extends Level {
  readonly step: Laid
}

/** Siblings in reverse, so that the first one is taken from the stack first. */
function pushAll(stack: Entry[], siblings: readonly Laid[], { depth, lasts }: Level): void {
  const above = lasts.slice(-(MAX_LEVELS - 1))
  for (const [index, step] of siblings.toReversed().entries()) {
    stack.push({ step, depth, lasts: [...above, index === 0] })
  }
}

/** For each step with needs, the one that is expected to end last. */
function findParents(steps: readonly Laid[]): ReadonlyMap<string, string> {
  const ends = new Map<string, number>()
  const parents = new Map<string, string>()
  for (const { name, needs, weight } of steps) {
    let latest = 0
    for (const need of needs) {
      const end = ends.get(need)
      if (end === undefined || end <= latest) continue
      latest = end
      parents.set(name, need)
    }
    ends.set(name, latest + weight)
  }
  return parents
}
