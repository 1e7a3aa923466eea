import { z } from 'zod'

import type { Json } from '../../kernel/json.ts'

const MAX_TEXT = 4_000_000
const json: z.ZodType<Json> = z.json()
const jsonSchema = z.record(z.string().max(256), json)

/** Where the text of a task comes from: given, or a file that the agent's tool reads. */
const source = {
  text: z.string().max(MAX_TEXT).optional().describe('The material'),
  path: z.string().min(1).max(4_096).optional().describe('A file for the read_file tool'),
}

const position = z.int().nonnegative()

/** A passage of a source, character for character. */
export const quotation = z
  .strictObject({ quote: z.string().min(1), start: position, end: position })
  .meta({ id: 'ModelQuotation' })

const shortText = z.string().min(1).max(2_000)

/** An amount as a claim states it; a provider may add what else it knows of it. */
export const quantity = z
  .object({
    quote: z.string().min(1).max(500),
    value: z.number(),
    unit: z.string().max(64),
  })
  .catchall(json)
  .meta({ id: 'ModelQuantity' })

/** A statement that a document makes. */
export const claim = z
  .strictObject({
    ...quotation.shape,
    heading: z.string().max(2_000).exactOptional(),
    subjectTerms: z.array(z.string().max(200)).max(100),
    quantities: z.array(quantity).max(100),
    direction: z.enum(['up', 'down', 'none', 'unknown']),
    isNegated: z.boolean(),
    isHedged: z.boolean(),
    support: z
      .enum(['data', 'citation', 'method', 'none'])
      .describe('What the document itself offers for it'),
    score: z.number().optional(),
  })
  .meta({ id: 'ModelClaim' })

/** A claim with its own id and that of its document. */
export const documentClaim = z
  .strictObject({ id: z.string().min(1).max(200), doc: z.string().min(1).max(500), ...claim.shape })
  .meta({ id: 'ModelDocumentClaim' })

const claimId = z.string().min(1).max(200)
const related = { topic: z.string().max(500), reason: z.string().min(1).max(2_000) }

/** How claims of several documents stand to each other. */
export const relations = z
  .strictObject({
    agreements: z.array(
      z.strictObject({
        claims: z.array(claimId).min(2).describe('Ids of the claims, one a document'),
        ...related,
      }),
    ),
    contradictions: z.array(
      z.strictObject({
        claims: z.tuple([claimId, claimId]),
        kind: z.enum(['numeric', 'direction', 'effect']),
        ...related,
      }),
    ),
    unsupported: z.array(z.strictObject({ claim: claimId, reason: z.string().min(1).max(2_000) })),
  })
  .meta({ id: 'ModelRelations' })

const claimList = z.array(documentClaim).min(1).max(5_000)

/** What goes into each task. */
export const taskInputs = {
  summarise: z.strictObject({
    ...source,
    maxSentences: z.int().min(1).max(100).optional().describe('Longest summary, in sentences'),
    maxTokens: z.int().min(1).max(100_000).optional().describe('Longest summary, in tokens'),
    query: z.string().min(1).max(2_000).optional().describe('What the summary is wanted for'),
  }),
  answer: z.strictObject({ ...source, question: shortText }),
  key_terms: z.strictObject({ ...source, limit: z.int().min(1).max(500).optional() }),
  classify: z.strictObject({
    ...source,
    examples: z
      .array(z.strictObject({ text: z.string().min(1).max(100_000), label: shortText }))
      .min(1)
      .max(10_000),
  }),
  extract: z.strictObject({ ...source, schema: jsonSchema }),
  claims: z.strictObject({ ...source, title: z.string().max(2_000).optional() }),
  relate: z.strictObject({ claims: claimList }),
  write: z.strictObject({
    title: shortText.optional(),
    brief: z.string().min(1).max(10_000).optional().describe('What the text is for'),
    claims: claimList,
    relations: relations.optional(),
  }),
} as const

/** What comes out of each task. */
export const taskOutputs = {
  summarise: z.strictObject({
    summary: z.string().min(1),
    sentences: z.array(z.strictObject({ text: z.string().min(1), ...quotation.shape })).min(1),
  }),
  answer: z.discriminatedUnion('found', [
    z.strictObject({
      found: z.literal(true),
      answer: z.string().min(1),
      ...quotation.shape,
      score: z.number().optional(),
    }),
    z.strictObject({ found: z.literal(false), reason: z.string().min(1) }),
  ]),
  key_terms: z.strictObject({
    terms: z.array(
      z.strictObject({
        term: z.string().min(1),
        count: z.int().positive(),
        score: z.number().optional(),
      }),
    ),
  }),
  classify: z.strictObject({
    label: z.string().nullable().describe('null: none of the labels fits'),
    scores: z.record(z.string(), z.number()),
    reason: z.string().min(1),
  }),
  extract: z.strictObject({
    value: json,
    evidence: z
      .record(z.string(), quotation)
      .describe('By JSON Pointer into the value, the passage it was read from'),
    missing: z.array(z.string()).describe('JSON Pointers of fields that the text does not give'),
  }),
  claims: z.strictObject({ claims: z.array(claim) }),
  relate: relations,
  write: z.strictObject({
    markdown: z.string().min(1),
    citations: z.array(
      z.strictObject({
        marker: z.int().positive(),
        id: z.string(),
        doc: z.string(),
        quote: z.string(),
      }),
    ),
  }),
} as const

/** The tasks that every provider offers. */
export const TASK_NAMES = [
  'summarise',
  'answer',
  'key_terms',
  'classify',
  'extract',
  'claims',
  'relate',
  'write',
] as const

/** A task and its input, not yet checked against the task. */
export const taskCall = z
  .strictObject({ name: z.enum(TASK_NAMES), input: jsonSchema })
  .meta({ id: 'ModelTaskCall' })

export type TaskName = (typeof TASK_NAMES)[number]
export type TaskCall = z.output<typeof taskCall>
export type TaskInput<Name extends TaskName> = z.output<(typeof taskInputs)[Name]>
export type TaskOutput<Name extends TaskName> = z.output<(typeof taskOutputs)[Name]>
export type Quotation = z.output<typeof quotation>
export type Claim = z.output<typeof claim>
export type DocumentClaim = z.output<typeof documentClaim>
export type Relations = z.output<typeof relations>
