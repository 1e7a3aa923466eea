import type { Statement } from './statement.ts'

/** Shortest beginning that words of one family share; chosen on test/fixtures/digest-dev-hygiene. */
const MIN_ROOT = 5
/** Longest ending that parts words of one family. */
const MAX_ENDING = 6

/**
 * The statements with words of one family as one term: `consum` and `consumpt`, `blood` and
 * `bloodstream`, as far as both occur in these statements.
 *
 * @remarks Cost: one sorting of the vocabulary.
 */
export function joinFamilies(statements: readonly Statement[]): readonly Statement[] {
  const roots = rootsOf(statements)
  if (roots.size === 0) return statements
  const rename = (term: string): string => roots.get(term) ?? term
  const all = (terms: ReadonlySet<string>): ReadonlySet<string> => new Set([...terms].map(rename))
  const isTouched = ({ own, borrowed }: Statement): boolean => {
    for (const term of own) if (roots.has(term)) return true
    for (const term of borrowed) if (roots.has(term)) return true
    return false
  }
  return statements.map((statement) => {
    if (!isTouched(statement)) return statement
    const own = all(statement.own)
    const { sides } = statement
    return {
      ...statement,
      own,
      words: new Map([...statement.words].map(([term, word]) => [rename(term), word])),
      borrowed: new Set([...statement.borrowed].map(rename).filter((term) => !own.has(term))),
      outcome: all(statement.outcome),
      ...(sides === undefined ? {} : { sides: { left: all(sides.left), right: all(sides.right) } }),
    }
  })
}

/** For each term that begins with another one, that other. */
function rootsOf(statements: readonly Statement[]): ReadonlyMap<string, string> {
  const vocabulary = new Set<string>()
  for (const { own } of statements) for (const term of own) vocabulary.add(term)
  const roots = new Map<string, string>()
  let root = ''
  for (const term of [...vocabulary].filter((one) => /^\p{L}+$/u.test(one)).toSorted()) {
    const isChild =
      root.length >= MIN_ROOT && term.startsWith(root) && term.length <= root.length + MAX_ENDING
    if (isChild) roots.set(term, root)
    else root = term
  }
  return roots
}
