import { z } from 'zod'

import { createCitations } from './citations.ts'
import type { TaskDefinition } from './definition.ts'
import { composeDigest } from './digest.ts'
import { buildPrompt, closedObject, listOf } from './prompt-parts.ts'
import { createQuoteFinder } from './quotes.ts'
import { type DocumentClaim, taskOutputs } from './schema.ts'
import { wrongShape } from './wrong-shape.ts'

const statementShape = z.object({ text: z.string(), cites: z.array(z.string()) })
const answer = z.union([
  taskOutputs.write,
  z.object({
    sections: z.array(z.object({ heading: z.string(), statements: z.array(statementShape) })),
  }),
])

const text = { type: 'string' }

/** A text composed of given claims, every statement with its citation. */
export const write: TaskDefinition<'write'> = {
  name: 'write',
  prompt({ title, brief, claims, relations }) {
    const listed = claims.map(({ id, doc, quote }) => JSON.stringify({ id, doc, quote })).join('\n')
    const related = relations === undefined ? '' : `\nHow they relate: ${JSON.stringify(relations)}`
    return buildPrompt({
      name: 'text',
      duty: 'You write a short, plain text from claims of documents. Every statement cites them.',
      material: { text: `${listed}${related}` },
      request: `${brief ?? 'Write what the documents say together, where they differ, and what is unsupported.'}${title === undefined ? '' : ` The title is ${JSON.stringify(title)}.`} Give sections of statements; "cites" holds the ids of the claims that a statement rests on, at least one. A statement may hold no number and no quotation that its claims do not hold; such statements are thrown away.`,
      properties: {
        sections: listOf(
          closedObject({
            heading: text,
            statements: listOf(closedObject({ text, cites: listOf(text) })),
          }),
        ),
      },
    })
  },
  check(raw, { input }) {
    const parsed = answer.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    if ('markdown' in parsed.data) return { output: parsed.data, dropped: 0, problems: [] }
    const byId = new Map(input.claims.map((claim) => [claim.id, claim]))
    const citations = createCitations()
    let dropped = 0
    const sections = parsed.data.sections.flatMap(({ heading, statements }) => {
      const sentences = statements.flatMap((statement) => {
        const cited = statement.cites.flatMap((id) => byId.get(id) ?? [])
        if (!isBacked(statement.text, cited)) {
          dropped += 1
          return []
        }
        const marks = [...new Set(cited.map((claim) => citations.mark(claim)))]
        return [`${oneLine(statement.text)} ${marks.join('')}`]
      })
      return sentences.length === 0 ? [] : [`## ${oneLine(heading)}\n\n${sentences.join(' ')}`]
    })
    if (sections.length === 0) {
      return { dropped, problems: ['no statement is backed by the claims it cites'] }
    }
    const all = [`# ${input.title ?? 'Summary'}`, ...sections, citations.section()]
    const output = { markdown: `${all.join('\n\n')}\n`, citations: citations.list() }
    return { output, dropped, problems: [] }
  },
  compute: (_algorithms, input) => composeDigest(input),
}

/** A statement holds words, cites a claim, and has its numbers and quotations from those cited. */
function isBacked(statement: string, cited: readonly DocumentClaim[]): boolean {
  if (cited.length === 0 || !/\p{L}/u.test(statement)) return false
  const passages = cited.map(({ quote }) => quote).join('\n')
  const known = new Set(numbersOf(passages))
  const source = createQuoteFinder(passages)
  const quotations = [...statement.matchAll(/[“"]([^”"]+)[”"]/g)].map((match) => match[1] ?? '')
  return (
    numbersOf(statement).every((number) => known.has(number)) &&
    quotations.every((quotation) => source.find(quotation) !== undefined)
  )
}

function numbersOf(passage: string): readonly string[] {
  return (passage.match(/\d+(?:[.,]\d+)*/g) ?? []).map((number) => number.replaceAll(',', ''))
}

function oneLine(line: string): string {
  return line.replaceAll(/\s+/g, ' ').trim()
}
