import { z } from 'zod'

const path = z
  .string()
  .min(1)
  .max(4_096)
  .describe('Within the folder of the run; parts are separated by "/"')

/** What `files.list` is given. */
export const listParameters = z.strictObject({
  path: path.default('.'),
  pattern: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('`*`, `**`, `?` and `{a,b}`; without "/" held against the name alone'),
  recursive: z.boolean().default(true).describe('Whether folders below are looked into'),
  limit: z.int().min(1).max(100_000).default(10_000).describe('Most files that are given'),
})

/** What `files.list` gives. */
export const listResult = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z.string(),
        name: z.string(),
        bytes: z.int().min(0),
        extension: z.string().describe('In lower case and without its dot'),
      }),
    )
    .describe('Sorted by path'),
  total: z.int().min(0).describe('How many there are, also beyond the limit'),
})

/** What `files.read` is given. */
export const readParameters = z.strictObject({
  path,
  as: z
    .enum(['auto', 'text', 'document', 'json', 'base64'])
    .default('auto')
    .describe('`document` reads Markdown, HTML, PDF and text; `auto` goes by the file'),
  maxBytes: z
    .int()
    .min(1)
    .max(200_000_000)
    .default(20_000_000)
    .describe('A larger file is an error'),
})
export type ReadParameters = z.output<typeof readParameters>

const offset = z.int().min(0)

/** What `files.read` gives; one of `text`, `value` and `base64`. */
export const readResult = z.strictObject({
  path: z.string(),
  bytes: z.int().min(0),
  format: z.enum(['text', 'markdown', 'html', 'pdf', 'json', 'base64']),
  text: z.string().optional().describe('Of texts and documents'),
  value: z.json().optional().describe('Of `json`'),
  base64: z.string().optional().describe('Of `base64`'),
  title: z.string().optional().describe('Of a document that has one'),
  sections: z
    .array(z.strictObject({ title: z.string(), level: z.int(), start: offset, end: offset }))
    .optional()
    .describe('Of Markdown and HTML; offsets in the text'),
  pages: z
    .array(z.strictObject({ page: z.int().min(1), start: offset, end: offset }))
    .optional()
    .describe('Of PDF; offsets in the text'),
  warnings: z.array(z.string()).optional().describe('What may make the text worse than it is'),
})

/** What `files.write` is given. */
export const writeParameters = z
  .strictObject({
    path,
    content: z.json().describe('A text as it is, everything else as JSON'),
    base64: z.boolean().default(false).describe('Whether the content is base64 of other data'),
  })
  .refine(
    ({ content, base64 }) =>
      !base64 || (typeof content === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(content)),
    'with "base64", the content is a text of base64',
  )
export type WriteParameters = z.output<typeof writeParameters>

/** What `files.remove` is given. */
export const removeParameters = z.strictObject({ path })

/** What `files.remove` gives. */
export const removeResult = z.strictObject({ path: z.string() })

/** What `files.write` gives. */
export const writeResult = z.strictObject({
  path: z.string(),
  bytes: z.int().min(0),
  sha256: z.string(),
})
