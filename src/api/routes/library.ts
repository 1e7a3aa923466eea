import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import {
  definitionDiff,
  libraryUsage,
  savedWorkflow,
  upgradeReport,
  upgradeRequest,
  versionDetail,
  versionSelector,
  workflowStatus,
} from '../../library/index.ts'
import { decodeCursor, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { jsonSchema, savedWorkflowPage, versionPage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { jsonAnswer, jsonBodyOf } from './contract.ts'
import { nameParams, ownerQuery, referenceOf, viewerOf } from './named-workflow.ts'

const tags = ['library']

const listWorkflows = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows',
  operationId: 'listWorkflows',
  summary: 'Lists saved workflows, by tenant and name',
  tags,
  request: {
    query: listQuery.extend({
      others: z
        .enum(['true', 'false'])
        .optional()
        .describe('Whether those that other tenants share are listed too'),
      status: workflowStatus.optional().describe('Pages hold fewer items then, or none'),
    }),
  },
  responses: { 200: jsonAnswer('A page', savedWorkflowPage) },
})

const getWorkflow = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows/{name}',
  operationId: 'getWorkflow',
  summary: 'Gives a saved workflow, its status and what may be done with it',
  tags,
  request: { params: nameParams, query: ownerQuery },
  responses: { 200: jsonAnswer('The workflow', savedWorkflow) },
})

const listVersions = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows/{name}/versions',
  operationId: 'listVersions',
  summary: 'Lists the versions of a saved workflow, newest first',
  tags,
  request: { params: nameParams, query: ownerQuery },
  responses: { 200: jsonAnswer('All of them', versionPage) },
})

const versionParams = nameParams.extend({ version: versionSelector })

const getVersion = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows/{name}/versions/{version}',
  operationId: 'getVersion',
  summary: 'Gives a version with its definition',
  tags,
  request: { params: versionParams, query: ownerQuery },
  responses: { 200: jsonAnswer('The version', versionDetail) },
})

const getOutline = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows/{name}/versions/{version}/outline',
  operationId: 'getOutline',
  summary: 'Gives what those see of a version who may run it and not read it',
  tags,
  request: { params: versionParams, query: ownerQuery },
  responses: { 200: jsonAnswer('Inputs, and steps without their parameters', jsonSchema) },
})

const diffVersions = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows/{name}/versions/{version}/diff',
  operationId: 'diffVersions',
  summary: 'Tells what differs between two versions',
  tags,
  request: {
    params: versionParams,
    query: ownerQuery.extend({ to: versionSelector.optional().describe('The newest by default') }),
  },
  responses: { 200: jsonAnswer('What differs', definitionDiff) },
})

const checkUpgrade = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/workflows/{name}/upgrade-check',
  operationId: 'checkUpgrade',
  summary: 'Tells which runs under way a change of a workflow would break',
  tags,
  request: { params: nameParams, query: ownerQuery, body: jsonBodyOf(upgradeRequest) },
  responses: { 200: jsonAnswer('What differs, and a verdict for each run', upgradeReport) },
})

const getLibraryUsage = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/library',
  operationId: 'libraryUsage',
  summary: 'Tells how much the tenant keeps in the library, and how much it may',
  tags,
  responses: { 200: jsonAnswer('What is kept', libraryUsage) },
})

const workflowPlace = z.strictObject({ tenant: z.string().max(64), name: z.string().max(64) })

/** Routes that look at saved workflows. */
export function libraryRoutes({ library }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  addVersionRoutes(app, library)
  app.openapi(listWorkflows, async (context) => {
    const { cursor, limit, others, status } = context.req.valid('query')
    const after = decodeCursor(workflowPlace, cursor)
    const found = await library.list({
      viewer: viewerOf(context.var.principal),
      includesOthers: others === 'true',
      limit: limit + 1,
      ...(after !== undefined && { after }),
    })
    const placeOf = ({
      tenant,
      name,
    }: (typeof found)[number]): { tenant: string; name: string } => ({
      tenant,
      name,
    })
    const page = toPage(found, { limit, placeOf })
    const items = page.items.filter((each) => status === undefined || each.status === status)
    return sendJson(context, savedWorkflowPage, { ...page, items })
  })
  app.openapi(getWorkflow, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const found = await library.get(viewerOf(context.var.principal), reference)
    return sendJson(context, savedWorkflow, found)
  })
  app.openapi(checkUpgrade, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const { definition } = context.req.valid('json')
    const viewer = viewerOf(context.var.principal)
    const report = await library.checkUpgrade(viewer, reference, definition)
    return sendJson(context, upgradeReport, report)
  })
  app.openapi(getLibraryUsage, async (context) =>
    sendJson(context, libraryUsage, await library.usage(context.var.principal.tenant)),
  )
  return app
}

function addVersionRoutes(app: OpenAPIHono<ApiEnv>, library: ApiDeps['library']): void {
  app.openapi(listVersions, async (context) => {
    const reference = referenceOf(context.req.valid('param'), context.req.valid('query'))
    const found = await library.listVersions(viewerOf(context.var.principal), reference)
    return sendJson(context, versionPage, { items: [...found] })
  })
  app.openapi(getVersion, async (context) => {
    const { version, ...named } = context.req.valid('param')
    const reference = { ...referenceOf(named, context.req.valid('query')), version }
    const found = await library.getVersion(viewerOf(context.var.principal), reference)
    return sendJson(context, versionDetail, found)
  })
  app.openapi(getOutline, async (context) => {
    const { version, ...named } = context.req.valid('param')
    const reference = { ...referenceOf(named, context.req.valid('query')), version }
    const outline = await library.outline(viewerOf(context.var.principal), reference)
    return sendJson(context, jsonSchema, outline)
  })
  app.openapi(diffVersions, async (context) => {
    const { version, ...named } = context.req.valid('param')
    const { to, ...owner } = context.req.valid('query')
    const reference = { ...referenceOf(named, owner), version }
    const diff = await library.diff(viewerOf(context.var.principal), reference, to)
    return sendJson(context, definitionDiff, diff)
  })
}
