import { z } from 'zod'

/** What a secret is called in definitions: `{ $secret: NAME }`. */
export const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,127}$/, 'capital letters, digits and _, beginning with a letter')

/** What is known of a secret; never its value. Times are Unix epoch, milliseconds. */
export const secretRecord = z
  .strictObject({
    name: secretName,
    createdAt: z.int(),
    changedAt: z.int().describe('When it was given its present value'),
    key: z.string().describe('The key of the tenant under which it is sealed: `seal_…`'),
  })
  .meta({ id: 'SecretRecord' })

/** A secret and its value, which is never shown again. */
export const newSecret = z
  .strictObject({ name: secretName, value: z.string().min(1).max(65_536) })
  .meta({ id: 'NewSecret' })

/** What a rotation has done. */
export const rotation = z
  .strictObject({
    key: z.string().describe('The key under which everything new is sealed: `seal_…`'),
    isNew: z.boolean().describe('False: an earlier rotation was brought to its end instead'),
    rewrapped: z.int().describe('Secrets that lay under an older key'),
  })
  .meta({ id: 'Rotation' })

export type SecretRecord = z.output<typeof secretRecord>
export type NewSecret = z.output<typeof newSecret>
export type Rotation = z.output<typeof rotation>
