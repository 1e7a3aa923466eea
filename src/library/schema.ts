import { z } from 'zod'

import type { Json, JsonObject } from '../kernel/json.ts'
import { microFtns } from '../kernel/money.ts'
import { problem } from '../workflow/definition/schema.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const time = z.int().describe('Unix epoch, milliseconds')
const line = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}+$/u)
const price = microFtns.refine((amount) => amount >= 0n, 'a price is not negative')
const versionNumber = z.int().min(1).max(2_147_483_647)

/** Name of a saved workflow or template: the form of names of definitions. */
export const libraryName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'lower-case letters, digits and dashes')

/** Name of a tag; never a number, so that it is never taken for a version. */
export const tagName = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'lower-case letters, digits, ".", "_", "-", a letter first')
  .refine((name) => name !== 'latest', '"latest" is always the newest version')

/** A tenant. */
export const tenantName = z.string().regex(/^[a-z0-9_-]{1,64}$/)

const licence = z
  .string()
  .regex(/^[A-Za-z0-9.+-]{1,100}(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]{1,100}){0,9}$/)
  .describe('SPDX identifier or expression, such as `MIT`')

/** Where a saved workflow is: a fold of its record and of the runs of whoever looks. */
export const workflowStatus = z
  .enum(['draft', 'saved', 'active', 'paused', 'checkpointed', 'completed', 'failed', 'archived'])
  .meta({ id: 'WorkflowStatus' })

/** Who may do what with a saved workflow, beside its owner. */
export const sharingLevel = z
  .enum([
    'private',
    'shared_read',
    'shared_execute',
    'public_read',
    'public_template',
    'marketplace',
  ])
  .meta({ id: 'SharingLevel' })

/** What can be done with a saved workflow. */
export const libraryAction = z
  .enum(['see', 'read', 'run', 'fork', 'edit', 'share', 'delete', 'buy'])
  .meta({ id: 'LibraryAction' })

/** A saved workflow as whoever looks may see it. */
export const savedWorkflow = z
  .strictObject({
    tenant: z.string(),
    name: libraryName,
    owner: z.string().describe('The key that saved it first; administrators act as owners'),
    description: z.string().optional(),
    status: workflowStatus,
    level: sharingLevel,
    sharedWith: z.array(tenantName).optional().describe('For those who may share it'),
    version: versionNumber.describe('The newest one'),
    hash: z.string().describe('Content hash of the newest version'),
    tags: z.record(z.string(), versionNumber),
    problems: z.array(problem).describe('Of the newest version, when it is a draft'),
    price: price.describe('What it costs to buy, µFTNS'),
    licence: licence.optional(),
    forkedFrom: z.string().optional().describe('`TENANT/NAME@VERSION`, or the signer of a bundle'),
    may: z.array(libraryAction).describe('What whoever looks may do'),
    createdAt: time,
    updatedAt: time,
    archivedAt: time.optional(),
  })
  .meta({ id: 'SavedWorkflow' })

/** A version of a saved workflow; it never changes. */
export const workflowVersion = z
  .strictObject({
    version: versionNumber,
    hash: z.string().describe('Content hash of the definition'),
    author: z.string().describe('`TENANT/KEY`'),
    message: z.string(),
    at: time,
    parent: versionNumber.optional().describe('The version it was made from'),
    sizeBytes: z.int().min(0),
    isDraft: z.boolean(),
    problems: z.array(problem),
    tags: z.array(z.string()),
    runs: z.int().min(0).describe('Runs that are pinned to it'),
  })
  .meta({ id: 'WorkflowVersion' })

/** A version with its definition. */
export const versionDetail = workflowVersion
  .extend({ definition: jsonObject })
  .meta({ id: 'WorkflowVersionDetail' })

/** What is to be saved. */
export const saveWorkflowRequest = z
  .strictObject({
    definition: jsonObject,
    name: libraryName.optional().describe('That of the definition by default'),
    message: line(1_000).optional().describe('Why it was changed'),
    draft: z.boolean().optional().describe('Keeps it although it has problems; it cannot be run'),
    expectedVersion: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .optional()
      .describe('Refused when another version is the newest by now; 0: none'),
  })
  .meta({ id: 'SaveWorkflowRequest' })

/** Names a version: by number, tag or `latest`. */
export const versionSelector = z
  .string()
  .min(1)
  .max(64)
  .regex(/^(?:\d{1,10}|[a-z][a-z0-9_.-]*)$/)
  .describe('Number, tag or `latest`')

/** Which version is made the newest again. */
export const restoreRequest = z
  .strictObject({ version: versionSelector, message: line(1_000).optional() })
  .meta({ id: 'RestoreRequest' })

/** Where a tag is put. */
export const tagRequest = z
  .strictObject({ tag: tagName, version: versionSelector.optional() })
  .meta({ id: 'TagRequest' })

/** How a workflow is shared. */
export const shareWorkflowRequest = z
  .strictObject({
    level: sharingLevel,
    with: z.array(tenantName).max(1_000).optional().describe('Tenants, for the shared levels'),
    price: price.optional().describe('What a buyer pays, µFTNS; for `marketplace`'),
    licence: licence.optional(),
  })
  .meta({ id: 'ShareWorkflowRequest' })

/** What a copy is called. */
export const forkRequest = z
  .strictObject({ name: libraryName.optional(), version: versionSelector.optional() })
  .meta({ id: 'ForkRequest' })

/** Which old versions go. */
export const pruneRequest = z
  .strictObject({
    keep: z.int().min(1).max(1_000_000).optional().describe('Newest versions that stay'),
    olderThanMs: z.int().min(0).optional().describe('Younger versions stay'),
  })
  .refine(
    ({ keep, olderThanMs }) => keep !== undefined || olderThanMs !== undefined,
    'say how many versions stay, or how old those are that go',
  )
  .meta({ id: 'PruneRequest' })

/** Which versions went. */
export const pruned = z
  .strictObject({ removed: z.array(versionNumber), kept: z.int().min(0) })
  .meta({ id: 'Pruned' })

/** One value that differs. */
export const fieldChange = z
  .strictObject({
    path: z.string().describe('Within the step, or within the definition: `with.value`'),
    before: json.optional(),
    after: json.optional(),
  })
  .meta({ id: 'FieldChange' })

/** What differs between two definitions. */
export const definitionDiff = z
  .strictObject({
    isEqual: z.boolean(),
    head: z.array(fieldChange).describe('Outside of the steps'),
    steps: z.array(
      z.strictObject({
        step: z.string(),
        change: z.enum(['added', 'removed', 'changed']),
        fields: z.array(fieldChange),
      }),
    ),
    text: z.array(z.string()).describe('The same for people, by lines'),
  })
  .meta({ id: 'DefinitionDiff' })

/** What a tenant keeps, and how much it may. */
export const libraryUsage = z
  .strictObject({
    workflows: z.int().min(0),
    versions: z.int().min(0),
    sizeBytes: z.int().min(0),
    maxWorkflows: z.int().min(0),
    maxVersions: z.int().min(0),
    maxBytes: z.int().min(0),
  })
  .meta({ id: 'LibraryUsage' })

/** A definition that may replace another one. */
export const upgradeRequest = z
  .strictObject({ definition: jsonObject })
  .meta({ id: 'UpgradeRequest' })

/** What a change would mean for one run under way. */
export const upgradeVerdict = z
  .strictObject({
    run: z.string(),
    version: versionNumber.optional(),
    verdict: z
      .enum(['safe', 'differs', 'breaks'])
      .describe('`differs`: what is recorded already would have been another result'),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'UpgradeVerdict' })

/** What a change would mean for the runs under way. */
export const upgradeReport = z
  .strictObject({ diff: definitionDiff, runs: z.array(upgradeVerdict) })
  .meta({ id: 'UpgradeReport' })

export type WorkflowStatus = z.output<typeof workflowStatus>
export type SharingLevel = z.output<typeof sharingLevel>
export type LibraryAction = z.output<typeof libraryAction>
export type SavedWorkflow = z.output<typeof savedWorkflow>
export type WorkflowVersion = z.output<typeof workflowVersion>
export type VersionDetail = z.output<typeof versionDetail>
export type SaveWorkflowRequest = z.output<typeof saveWorkflowRequest>
export type RestoreRequest = z.output<typeof restoreRequest>
export type TagRequest = z.output<typeof tagRequest>
export type ShareWorkflowRequest = z.output<typeof shareWorkflowRequest>
export type ForkRequest = z.output<typeof forkRequest>
export type PruneRequest = z.output<typeof pruneRequest>
export type Pruned = z.output<typeof pruned>
export type FieldChange = z.output<typeof fieldChange>
export type DefinitionDiff = z.output<typeof definitionDiff>
export type LibraryUsage = z.output<typeof libraryUsage>
export type UpgradeRequest = z.output<typeof upgradeRequest>
export type UpgradeVerdict = z.output<typeof upgradeVerdict>
export type UpgradeReport = z.output<typeof upgradeReport>
