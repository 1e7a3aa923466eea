import type { RelatedPair } from './repeats.ts'
import { type Statement, wordsFor } from './statement.ts'

/** Claims of different documents that say the same. */
export interface Agreement {
  /** Ids of the claims, one a document. */
  readonly claims: readonly string[]
  /** The terms they share. */
  readonly topic: string
  readonly reason: string
}

/** Joins agreeing pairs into groups in which every claim agrees with every other. */
export function groupAgreements(pairs: readonly RelatedPair[]): readonly Agreement[] {
  const partners = partnersOf(pairs)
  const groups: Group[] = []
  const groupsOf = new Map<Statement, Group[]>()
  for (const pair of pairs) {
    const known = [...(groupsOf.get(pair.a) ?? []), ...(groupsOf.get(pair.b) ?? [])]
    const found = known.find(({ members }) => fits(members, pair, partners))
    const group = found ?? { members: [], pair }
    if (found === undefined) groups.push(group)
    for (const statement of [pair.a, pair.b]) {
      if (group.members.includes(statement)) continue
      group.members.push(statement)
      groupsOf.set(statement, [...(groupsOf.get(statement) ?? []), group])
    }
  }
  return groups.map(({ members, pair }) => ({
    claims: members.map(({ claim }) => claim.id),
    topic: topicOf(pair),
    reason: pair.verdict.reason,
  }))
}

interface Group {
  readonly members: Statement[]
  readonly pair: RelatedPair
}

/** The statements with which each agrees. */
type Partners = ReadonlyMap<Statement, ReadonlySet<Statement>>

function partnersOf(pairs: readonly RelatedPair[]): Partners {
  const partners = new Map<Statement, Set<Statement>>()
  const add = (of: Statement, partner: Statement): void => {
    const known = partners.get(of)
    if (known === undefined) partners.set(of, new Set([partner]))
    else known.add(partner)
  }
  for (const { a, b } of pairs) {
    add(a, b)
    add(b, a)
  }
  return partners
}

/** Whether both ends of `pair` agree with all members that they are not themselves. */
function fits(members: readonly Statement[], { a, b }: RelatedPair, partners: Partners): boolean {
  return [a, b].every((end) =>
    members.every(
      (member) =>
        member === end ||
        (member.claim.doc !== end.claim.doc && partners.get(end)?.has(member) === true),
    ),
  )
}

/** Terms in a topic. */
const MAX_TOPIC = 4

/** The weightiest shared terms as the first claim writes them: a heading. */
export function topicOf({ a, shared }: RelatedPair): string {
  return wordsFor(a, shared.slice(0, MAX_TOPIC)).join(', ')
}
