/** Longest path that is looked at. */
const MAX_LENGTH = 1_024

/** The names on a path below a folder; `undefined` when it could mean anything outside of it. */
export function splitPath(path: string): readonly string[] | undefined {
  if (path.length > MAX_LENGTH || /[\0\\]/.test(path)) return undefined
  const names = path.split('/')
  const isPlain = names.every((name) => name !== '' && name !== '.' && name !== '..')
  return isPlain ? names : undefined
}

/** Orders paths name by name, which is the order in which a sorted walk meets them. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [index, name] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (name !== other) return name < other ? -1 : 1
  }
  return a.length - b.length
}
