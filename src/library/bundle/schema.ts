import { z } from 'zod'

import type { Json, JsonObject } from '../../kernel/json.ts'
import { libraryName, savedWorkflow } from '../schema.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const time = z.int().describe('Unix epoch, milliseconds')
const versionNumber = z.int().min(1).max(2_147_483_647)
const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{10,100}={0,2}$/)
  .describe('Ed25519, SubjectPublicKeyInfo in base64')

/** A module that a step calls; it is not in the bundle. */
export const codeModule = z
  .strictObject({ step: z.string(), module: z.string(), digest: z.string().optional() })
  .meta({ id: 'CodeModule' })

/** What is signed. */
export const bundlePayload = z.strictObject({
  name: libraryName,
  licence: z.string().optional(),
  versions: z
    .array(
      z.strictObject({
        version: versionNumber,
        hash: z.string(),
        author: z.string(),
        message: z.string(),
        at: time,
        parent: versionNumber.optional(),
        isDraft: z.boolean(),
        definition: jsonObject,
      }),
    )
    .min(1),
  tags: z.record(z.string(), versionNumber),
  modules: z.array(codeModule).describe('Of the newest version'),
})

/** A saved workflow in one file. */
export const bundle = z.strictObject({
  format: z.literal('prsm/bundle-v1'),
  payload: bundlePayload,
  signature: z.strictObject({ algorithm: z.literal('ed25519'), publicKey, value: z.string() }),
})

/** A bundle as text: every byte of it counts. */
export const bundleText = z.strictObject({ text: z.string() }).meta({ id: 'BundleText' })

/** A bundle to be taken in. */
export const importBundleRequest = z
  .strictObject({
    text: z.string(),
    name: libraryName.optional().describe('That of the bundle by default'),
    trust: z.boolean().optional().describe('Trusts the signer from now on'),
  })
  .meta({ id: 'ImportBundleRequest' })

/** A bundle that was taken in. */
export const importedBundle = z
  .strictObject({
    workflow: savedWorkflow,
    signer: z.string().describe('Fingerprint of the key that signed it'),
    modules: z.array(codeModule).describe('What has to be where its steps look for it'),
  })
  .meta({ id: 'ImportedBundle' })

/** A key whose bundles are taken in. */
export const signer = z
  .strictObject({
    id: z.string().describe('Fingerprint'),
    publicKey,
    name: z.string(),
    isOwn: z.boolean().describe('Whether it is that of this installation'),
    trustedAt: time.optional(),
  })
  .meta({ id: 'Signer' })

/** A key to be trusted. */
export const trustSignerRequest = z
  .strictObject({
    publicKey,
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}+$/u),
  })
  .meta({ id: 'TrustSignerRequest' })

export type BundlePayload = z.output<typeof bundlePayload>
export type Bundle = z.output<typeof bundle>
export type ImportBundleRequest = z.output<typeof importBundleRequest>
export type ImportedBundle = z.output<typeof importedBundle>
export type Signer = z.output<typeof signer>
export type TrustSignerRequest = z.output<typeof trustSignerRequest>
