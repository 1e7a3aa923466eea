import type { ExprNode } from 'jsonata'

/** A variable an expression reads, and the plain names that follow it. */
export interface Reference {
  /** Without the dollar sign: `steps`. */
  readonly variable: string
  /** The members named behind it, as far as they are plain names: `['read', 'output', 'files']`. */
  readonly path: readonly string[]
  /** Whether the expression is nothing but this reference, so that its type is the value's. */
  readonly isWhole: boolean
  /** Offset in the expression's text, just behind the variable's name. */
  readonly offset: number
}

/** Everything an expression reads from outside: variables it does not bind itself. */
export function collectReferences(root: ExprNode): readonly Reference[] {
  const found: Reference[] = []
  walk(root, new Set(), found)
  const [only] = found
  const isWhole = found.length === 1 && isPlainPath(root)
  return only === undefined ? [] : found.map((reference) => ({ ...reference, isWhole }))
}

function isPlainPath(node: ExprNode): boolean {
  if (node.type === 'variable') return true
  const steps = node.steps ?? []
  return (
    steps.length > 0 &&
    steps.every((step, index) => isBare(step) && step.type === (index === 0 ? 'variable' : 'name'))
  )
}

/** A path step without a filter, an index or a grouping. */
function isBare(node: ExprNode): boolean {
  return node.stages === undefined && !('predicate' in node) && !('group' in node)
}

function walk(node: unknown, bound: ReadonlySet<string>, found: Reference[]): void {
  if (Array.isArray(node)) {
    walkAll(node, bound, found)
    return
  }
  if (!isNode(node)) return
  if (node.type === 'variable') {
    note(node, [], { bound, found })
    walkAll(Object.values(node), bound, found)
    return
  }
  const steps = node.steps
  const [head, ...rest] = steps ?? []
  if (head?.type === 'variable') {
    note(head, plainNames(rest, isBare(head)), { bound, found })
    walkAll([...Object.values(head), ...rest], bound, found)
    return
  }
  const inner = new Set([...bound, ...boundBy(node)])
  walkAll(isBind(node) ? [node.rhs] : Object.values(node), inner, found)
}

function walkAll(nodes: readonly unknown[], bound: ReadonlySet<string>, found: Reference[]): void {
  // A block's `:=` is visible to the expressions that follow it, and to the bodies of all functions
  // that the block names: they are called later, by themselves too.
  const inner = new Set(bound)
  const named = nodes.flatMap((node) => (isNode(node) ? assignedBy(node) : []))
  for (const node of nodes) {
    walk(node, isNamedFunction(node) ? new Set([...inner, ...named]) : inner, found)
    if (isNode(node)) for (const name of assignedBy(node)) inner.add(name)
  }
}

function note(
  { value, position }: ExprNode,
  path: readonly string[],
  { bound, found }: { readonly bound: ReadonlySet<string>; readonly found: Reference[] },
): void {
  const variable: unknown = value
  // `$` and `$$` are the context; functions of the library are told apart by who asks.
  if (typeof variable !== 'string' || variable === '' || variable === '$' || bound.has(variable))
    return
  found.push({ variable, path, isWhole: false, offset: position ?? 0 })
}

function plainNames(steps: readonly ExprNode[], isHeadBare: boolean): readonly string[] {
  const names: string[] = []
  if (!isHeadBare) return names
  for (const step of steps) {
    if (step.type !== 'name') break
    names.push(String(step.value))
    if (!isBare(step)) break
  }
  return names
}

function boundBy(node: ExprNode): readonly string[] {
  if (node.type !== 'lambda') return []
  return (node.arguments ?? []).map(({ value }) => String(value))
}

function assignedBy(node: ExprNode): readonly string[] {
  const target: unknown = isBind(node) && !Array.isArray(node.lhs) ? node.lhs?.value : undefined
  return typeof target === 'string' ? [target] : []
}

/** `$name := value`; the type is missing from the library's list. */
function isBind(node: ExprNode): boolean {
  const type: string = node.type
  return type === 'bind'
}

/** `$name := function(…) {…}` */
function isNamedFunction(node: unknown): boolean {
  return isNode(node) && isBind(node) && node.rhs?.type === 'lambda'
}

function isNode(value: unknown): value is ExprNode {
  return typeof value === 'object' && value !== null && 'type' in value
}
