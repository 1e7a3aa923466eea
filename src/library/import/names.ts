/**
 * A name for a step for each foreign name, all different.
 *
 * @remarks What cannot stand in a name becomes `_`; two that become equal are numbered.
 */
export function stepNames(foreign: Iterable<string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const each of foreign) {
    const plain = each.replaceAll(/\W/g, '_').replace(/^(?=\d|$)/, '_')
    let name = plain.slice(0, MAX_LENGTH)
    for (let number = 2; taken.has(name); number++)
      name = `${plain.slice(0, MAX_LENGTH - 6)}_${number}`
    taken.add(name)
    names.set(each, name)
  }
  return names
}

/** Leaves room for what is put behind names of steps that belong to another one. */
const MAX_LENGTH = 52

/** A name for a workflow. */
export function workflowName(text: string | undefined): string {
  const plain = (text ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^-+|-+$/g, '')
  return plain === '' ? 'imported' : plain
}
