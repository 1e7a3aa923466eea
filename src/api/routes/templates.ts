import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import {
  createTemplateRequest,
  forkTemplateRequest,
  rateTemplateRequest,
  template,
  templateCategory,
  templateDetail,
  usedTemplate,
  useTemplateRequest,
} from '../../library/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { templatePage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { jsonAnswer, jsonBodyOf } from './contract.ts'
import { nameParams, ownerQuery, referenceOf, viewerOf } from './named-workflow.ts'

const tags = ['templates']
const named = { headers: idempotencyHeader, params: nameParams, query: ownerQuery }

const createTemplate = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/templates',
  operationId: 'createTemplate',
  summary: 'Keeps a template, written out or made out of a saved workflow',
  tags,
  request: { headers: idempotencyHeader, body: jsonBodyOf(createTemplateRequest) },
  responses: { 201: jsonAnswer('The template', templateDetail) },
})

const listTemplates = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/templates',
  operationId: 'listTemplates',
  summary: 'Lists the templates there are: of the tenant, of others, and those of PRSM',
  tags,
  request: { query: z.object({ category: templateCategory.optional() }) },
  responses: { 200: jsonAnswer('All of them', templatePage) },
})

const getTemplate = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/templates/{name}',
  operationId: 'getTemplate',
  summary: 'Gives a template with what it stands for',
  tags,
  request: { params: nameParams, query: ownerQuery },
  responses: { 200: jsonAnswer('The template', templateDetail) },
})

const deleteTemplate = createRoute({
  ...effect('run'),
  method: 'delete',
  path: '/v1/templates/{name}',
  operationId: 'deleteTemplate',
  summary: 'Removes a template',
  tags,
  request: named,
  responses: { 200: jsonAnswer('The template as it was', template) },
})

const applyTemplate = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/templates/{name}/use',
  operationId: 'useTemplate',
  summary: 'Makes a workflow out of a template, and pays its author',
  tags,
  request: { ...named, body: jsonBodyOf(useTemplateRequest) },
  responses: { 200: jsonAnswer('The workflow', usedTemplate) },
})

const forkTemplate = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/templates/{name}/fork',
  operationId: 'forkTemplate',
  summary: 'Makes a template of one’s own out of another',
  tags,
  request: { ...named, body: jsonBodyOf(forkTemplateRequest) },
  responses: { 200: jsonAnswer('The new template', templateDetail) },
})

const rateTemplate = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/templates/{name}/rate',
  operationId: 'rateTemplate',
  summary: 'Rates a template of another tenant; a user’s last rating counts',
  tags,
  request: { ...named, body: jsonBodyOf(rateTemplateRequest) },
  responses: { 200: jsonAnswer('The template with its rating', templateDetail) },
})

/** Routes of templates. */
export function templateRoutes({ templates, ids }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(createTemplate, async (context) => {
    const viewer = viewerOf(context.var.principal)
    const made = await templates.create(viewer, context.req.valid('json'))
    context.status(201)
    context.header('location', `/v1/templates/${made.name}`)
    return sendJson(context, templateDetail, made)
  })
  app.openapi(listTemplates, async (context) => {
    const { category } = context.req.valid('query')
    const found = await templates.list(viewerOf(context.var.principal), category)
    return sendJson(context, templatePage, { items: [...found] })
  })
  app.openapi(getTemplate, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const found = await templates.get(viewerOf(context.var.principal), reference)
    return sendJson(context, templateDetail, found)
  })
  app.openapi(deleteTemplate, async (context) => {
    const viewer = viewerOf(context.var.principal)
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const { definition: _, ...before } = await templates.get(viewer, reference)
    await templates.remove(viewer, reference)
    return sendJson(context, template, before)
  })
  app.openapi(applyTemplate, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const id = context.var.effect?.digits ?? ids.next('run').slice('run_'.length)
    const used = await templates.use(viewerOf(context.var.principal), reference, {
      ...context.req.valid('json'),
      id,
    })
    return sendJson(context, usedTemplate, used)
  })
  app.openapi(forkTemplate, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const viewer = viewerOf(context.var.principal)
    const forked = await templates.fork(viewer, reference, context.req.valid('json'))
    return sendJson(context, templateDetail, forked)
  })
  app.openapi(rateTemplate, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const { stars } = context.req.valid('json')
    const rated = await templates.rate(viewerOf(context.var.principal), reference, stars)
    return sendJson(context, templateDetail, rated)
  })
  return app
}
