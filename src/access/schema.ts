import { z } from 'zod'

/** What a key may do; each scope includes those before it. */
export const scope = z.enum(['read', 'run', 'admin']).meta({
  id: 'Scope',
  description: '`read` looks; `run` also begins and steers runs; `admin` also manages keys',
})

const keyName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}+$/u)

/** What is known of an API key; never its secret. Times are Unix epoch, milliseconds. */
export const apiKey = z
  .strictObject({
    id: z.string().describe('`key_…`'),
    tenant: z.string(),
    name: keyName.describe('For people: who or what uses it'),
    scopes: z.array(scope),
    createdAt: z.int(),
    lastUsedAt: z.int().optional().describe('To the minute'),
    expiresAt: z.int().optional().describe('It is not accepted from this time on'),
    revokedAt: z.int().optional(),
  })
  .meta({ id: 'ApiKey' })

/** What a new key is to be. */
export const newApiKey = z
  .strictObject({
    name: keyName,
    scopes: z.array(scope).min(1).max(3).optional().describe('`run` by default'),
    expiresAt: z.int().min(0).optional().describe('Unix epoch, milliseconds; never by default'),
  })
  .meta({ id: 'NewApiKey' })

/** A new key with its token, which is shown this once. */
export const issuedApiKey = z
  .strictObject({ key: apiKey, token: z.string().describe('Send it as `Authorization: Bearer`') })
  .meta({ id: 'IssuedApiKey' })

export type Scope = z.output<typeof scope>
export type ApiKey = z.output<typeof apiKey>
export type NewApiKey = z.output<typeof newApiKey>
export type IssuedApiKey = z.output<typeof issuedApiKey>
