import { z } from 'zod'

import type { Json, JsonObject } from '../../kernel/json.ts'
import { microFtns } from '../../kernel/money.ts'
import { libraryName, savedWorkflow, shareWorkflowRequest } from '../schema.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)
const time = z.int().describe('Unix epoch, milliseconds')
const price = shareWorkflowRequest.shape.price
const licence = shareWorkflowRequest.shape.licence

/** What a template is for. */
export const templateCategory = z
  .enum([
    'data_processing',
    'model_training',
    'analysis',
    'automation',
    'research',
    'education',
    'enterprise',
    'custom',
  ])
  .meta({ id: 'TemplateCategory' })

const parameterName = z.string().regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]{0,63}$/)

/** A template as it is written. */
export const templateDocument = z
  .strictObject({
    name: libraryName,
    category: templateCategory,
    description: z.string().max(10_000).optional(),
    parameters: jsonObject.describe('JSON Schema (2020-12) of an object: what is filled in'),
    definition: jsonObject.describe('A workflow with `{ $param: NAME }` in the place of values'),
    price: price.describe('What one use costs, µFTNS; free by default'),
    licence,
    public: z.boolean().optional().describe('Whether other tenants may use it; false by default'),
  })
  .meta({ id: 'TemplateDocument' })

/** A value of a workflow that becomes a parameter of a template. */
export const parameterChoice = z
  .strictObject({
    name: parameterName,
    path: z
      .string()
      .max(1_000)
      .regex(/^(?:\/[^/]*)+$/)
      .describe('JSON Pointer into the definition: `/steps/ask/with/prompt`'),
    schema: jsonObject.optional().describe('By default the type of the value that is there'),
  })
  .meta({ id: 'ParameterChoice' })

/** A template that is made out of a saved workflow. */
export const templateFromWorkflow = z
  .strictObject({
    workflow: z.string().min(1).max(200).describe('`[TENANT/]NAME[@VERSION]`'),
    parameters: z.array(parameterChoice).max(200).optional(),
    name: libraryName.optional().describe('That of the workflow by default'),
    category: templateCategory,
    description: z.string().max(10_000).optional(),
    price,
    licence,
    public: z.boolean().optional(),
  })
  .meta({ id: 'TemplateFromWorkflow' })

/** A template to be kept: written out, or made out of a saved workflow. */
export const createTemplateRequest = z
  .union([
    z.strictObject({ template: templateDocument }),
    z.strictObject({ from: templateFromWorkflow }),
  ])
  .meta({ id: 'CreateTemplateRequest' })

/** A template as it is listed. */
export const template = z
  .strictObject({
    tenant: z.string().describe('`platform` for those that come with PRSM'),
    name: libraryName,
    author: z.string(),
    category: templateCategory,
    description: z.string().optional(),
    parameters: jsonObject,
    price: microFtns,
    licence: z.string().optional(),
    public: z.boolean(),
    revision: z.int().min(1).describe('Grows with every change'),
    forkedFrom: z.string().optional().describe('`TENANT/NAME@REVISION`'),
    uses: z.int().min(0).describe('How often it was instantiated'),
    rating: z.number().min(1).max(5).optional().describe('Mean of all ratings'),
    ratings: z.int().min(0),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Template' })

/** A template with what it stands for. */
export const templateDetail = template
  .extend({ definition: jsonObject })
  .meta({ id: 'TemplateDetail' })

/** What a template is filled in with. */
export const useTemplateRequest = z
  .strictObject({
    parameters: jsonObject.optional(),
    as: libraryName.optional().describe('Saves the workflow under this name'),
  })
  .meta({ id: 'UseTemplateRequest' })

/** The workflow that came out of a template. */
export const usedTemplate = z
  .strictObject({
    definition: jsonObject,
    paid: microFtns,
    workflow: savedWorkflow.optional().describe('When it was saved'),
  })
  .meta({ id: 'UsedTemplate' })

/** What a copy of a template is called. */
export const forkTemplateRequest = z
  .strictObject({ name: libraryName.optional() })
  .meta({ id: 'ForkTemplateRequest' })

/** What somebody thinks of a template. */
export const rateTemplateRequest = z
  .strictObject({ stars: z.int().min(1).max(5) })
  .meta({ id: 'RateTemplateRequest' })

export type TemplateCategory = z.output<typeof templateCategory>
export type TemplateDocument = z.output<typeof templateDocument>
export type ParameterChoice = z.output<typeof parameterChoice>
export type TemplateFromWorkflow = z.output<typeof templateFromWorkflow>
export type CreateTemplateRequest = z.output<typeof createTemplateRequest>
export type Template = z.output<typeof template>
export type TemplateDetail = z.output<typeof templateDetail>
export type UseTemplateRequest = z.output<typeof useTemplateRequest>
export type UsedTemplate = z.output<typeof usedTemplate>
export type ForkTemplateRequest = z.output<typeof forkTemplateRequest>
export type RateTemplateRequest = z.output<typeof rateTemplateRequest>
