/**
 * All claims of the documents in one list, each with an id of its own and the name of its document.
 *
 * When there are more than `maxClaims`, the documents take turns, each with its strongest claim
 * next, so that no document is drowned by a long one.
 */
export default function collect({ folder, documents, maxClaims }) {
  const read = documents.map(({ path, claims }, index) => ({
    path,
    doc: path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path,
    claims: claims.map((claim, at) => ({ id: `d${index + 1}c${at + 1}`, ...claim })),
  }))
  const wanted = strongest(
    read.map(({ claims }) => claims),
    maxClaims,
  )
  const claims = read.flatMap((document) =>
    document.claims
      .filter(({ id }) => wanted.has(id))
      .map((claim) => ({ ...claim, doc: document.doc })),
  )
  return {
    claims,
    found: read.reduce((sum, document) => sum + document.claims.length, 0),
    read: read.length,
    silent: read.filter((document) => document.claims.length === 0).map(({ doc }) => doc),
    documents: read
      .map(({ path, doc }) => ({
        path,
        doc,
        quotes: claims.filter((claim) => claim.doc === doc).map(({ quote }) => quote),
      }))
      .filter(({ quotes }) => quotes.length > 0),
  }
}

function strongest(lists, most) {
  const ranked = lists.map((claims) => claims.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0)))
  const ids = new Set()
  for (let turn = 0; ids.size < most; turn++) {
    const next = ranked.flatMap((claims) => claims.slice(turn, turn + 1))
    if (next.length === 0) break
    for (const { id } of next.slice(0, most - ids.size)) ids.add(id)
  }
  return ids
}
