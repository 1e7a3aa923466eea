/**
 * Scores what a digest found against an answer key.
 *
 * @typedef {{ id: string, doc: string, quote: string }} KeyClaim
 *
 * @typedef {object} KeyGroup Claims of the key that say the same, or contradict one another.
 * @property {string} id
 * @property {readonly string[]} claims Ids of the claims.
 * @property {Readonly<Record<string, readonly string[]>>} [alternates] By claim, other claims of its
 *   document that say the same.
 * @property {readonly (readonly string[])[]} [sides] Contradictions only: the opposed camps; without
 *   it, each claim is one.
 *
 * @typedef {object} AnswerKey What a reader holds to be right about the documents.
 * @property {readonly KeyClaim[]} claims
 * @property {readonly KeyGroup[]} agreements
 * @property {readonly KeyGroup[]} contradictions
 * @property {readonly { claim: string }[]} unsupported
 * @property {readonly { claims: readonly string[] }[]} [distractors] Pairs that look related and are not.
 * @property {readonly { claims: readonly string[] }[]} [tolerated] Pairs that count neither way.
 * @property {readonly { doc: string, quote: string }[]} [borderline] Sentences that may be claims or not.
 *
 * @typedef {object} Input
 * @property {AnswerKey} key
 * @property {readonly { doc: string, text: string }[]} documents
 * @property {readonly { id: string, doc: string, start: number, end: number }[]} claims
 * @property {{ agreements: readonly { claims: readonly string[] }[],
 *   contradictions: readonly { claims: readonly string[] }[],
 *   unsupported: readonly { claim: string }[] }} relations
 *
 * @typedef {object} CategoryScore
 * @property {number} precision Right among those found, 0 to 1; those that count neither way are left
 *   out. 0 when none counts.
 * @property {number} recall Found among those of the key, 0 to 1; 0 when the key has none.
 * @property {number} found
 * @property {number} right
 * @property {number} expected
 * @property {string[]} missed Ids of the key that were not found.
 * @property {number[]} wrong Indexes of what was found wrongly.
 */

/**
 * Sentences match when their spans share more than half of the longer, so that neither a whole
 * document nor a single letter is a claim. A found group is right when all its claims match members,
 * or alternates of members, of one group of the key that are of different documents and, for a
 * contradiction, of different sides.
 *
 * @param {Input} input
 * @returns {{ claims: CategoryScore, agreements: CategoryScore, contradictions: CategoryScore,
 *   unsupported: CategoryScore, distractorsTaken: number }}
 * @throws {Error} a quote of the key does not stand in its document.
 */
export default function score({ key, documents, claims, relations }) {
  const spans = locateKey(key, documents)
  const keyIdsOf = new Map(claims.map((claim) => [claim.id, matchingIds(claim, spans.claims)]))
  const idsOf = (found) => keyIdsOf.get(found) ?? []
  const tolerated = pairSet(key.tolerated)
  const related = [...relations.agreements, ...relations.contradictions]
  const pairs = new Set(related.flatMap((group) => keyPairs(group.claims, idsOf)))
  const groups = { idsOf, tolerated }
  return {
    claims: scoreClaims(key, spans, claims),
    agreements: scoreGroups(relations.agreements, key.agreements, groups),
    contradictions: scoreGroups(
      relations.contradictions,
      key.contradictions.map((group) => ({
        ...group,
        sides: group.sides ?? group.claims.map((id) => [id]),
      })),
      groups,
    ),
    unsupported: scoreUnsupported(key, relations.unsupported, idsOf),
    distractorsTaken: [...pairSet(key.distractors)].filter((pair) => pairs.has(pair)).length,
  }
}

function locateKey(key, documents) {
  const texts = new Map(documents.map(({ doc, text }) => [doc, text]))
  const locate = ({ doc, quote }) => {
    const span = find(texts.get(doc) ?? '', quote)
    if (span === undefined) throw new Error(`not in ${doc}: ${JSON.stringify(quote)}`)
    return { doc, ...span }
  }
  return {
    claims: key.claims.map((claim) => ({ id: claim.id, ...locate(claim) })),
    borderline: (key.borderline ?? []).map(locate),
  }
}

/** Where `quote` stands in `text`, whatever the white space between its words. */
function find(text, quote) {
  const words = quote
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  const match = new RegExp(words.join(String.raw`\s+`), 'u').exec(text)
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length }
}

function isSame(a, b) {
  const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start)
  return a.doc === b.doc && shared > 0.5 * Math.max(a.end - a.start, b.end - b.start)
}

function matchingIds(claim, spans) {
  return spans.filter((span) => isSame(claim, span)).map(({ id }) => id)
}

function pairSet(pairs = []) {
  return new Set(pairs.map(({ claims }) => claims.toSorted().join('\n')))
}

/** All pairs of key claims that the claims of a found group stand for. */
function keyPairs(ids, idsOf) {
  return ids.flatMap((one, index) =>
    ids
      .slice(index + 1)
      .flatMap((other) =>
        idsOf(one).flatMap((a) => idsOf(other).map((b) => (a < b ? `${a}\n${b}` : `${b}\n${a}`))),
      ),
  )
}

function scoreClaims(key, spans, claims) {
  const verdicts = claims.map((claim) => {
    const hits = matchingIds(claim, spans.claims)
    const isBorderline = spans.borderline.some((span) => isSame(claim, span))
    return { hits, isNeutral: hits.length === 0 && isBorderline }
  })
  return summarise(
    verdicts,
    key.claims.map(({ id }) => id),
  )
}

function scoreGroups(found, groups, { idsOf, tolerated }) {
  const verdicts = found.map(({ claims }) => {
    const hits = groups.filter((group) => isInGroup(claims.map(idsOf), group)).map(({ id }) => id)
    const isTolerated = keyPairs(claims, idsOf).some((pair) => tolerated.has(pair))
    return { hits, isNeutral: hits.length === 0 && isTolerated }
  })
  return summarise(
    verdicts,
    groups.map(({ id }) => id),
  )
}

/** Whether every claim stands for another member of the group, and not all for one side. */
function isInGroup(claims, { claims: group, alternates, sides }) {
  const members = claims.map((ids) =>
    group.find((member) =>
      [member, ...(alternates?.[member] ?? [])].some((id) => ids.includes(id)),
    ),
  )
  if (members.includes(undefined) || new Set(members).size < members.length) return false
  if (sides === undefined) return members.length > 1
  return new Set(members.map((member) => sides.findIndex((side) => side.includes(member)))).size > 1
}

function scoreUnsupported(key, found, idsOf) {
  const expected = key.unsupported.map(({ claim }) => claim)
  const verdicts = found.map(({ claim }) => ({
    hits: idsOf(claim).filter((id) => expected.includes(id)),
    isNeutral: false,
  }))
  return summarise(verdicts, expected)
}

function summarise(verdicts, expected) {
  const hit = new Set(verdicts.flatMap(({ hits }) => hits))
  const right = verdicts.filter(({ hits }) => hits.length > 0).length
  const counted = verdicts.filter(({ isNeutral }) => !isNeutral).length
  const missed = expected.filter((id) => !hit.has(id))
  return {
    precision: counted === 0 ? 0 : share(right, counted),
    recall: expected.length === 0 ? 0 : share(expected.length - missed.length, expected.length),
    found: verdicts.length,
    right,
    expected: expected.length,
    missed,
    wrong: [...verdicts.keys()].filter(
      (index) => verdicts[index].hits.length === 0 && !verdicts[index].isNeutral,
    ),
  }
}

function share(part, whole) {
  return Math.round((part / whole) * 1_000) / 1_000
}
